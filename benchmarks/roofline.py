"""How far a quadrature fit is from what this machine could do: its work counted, beside measured peaks, one thread.

The work is counted in cells: participants × days × nodes.  A cell costs, with derivatives, one division, 8 other
operations of its own and 2 (q + 3) in matrix products, q being the columns and the intercept's SD.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketadash.stats import adaptive, glmm

Array = NDArray[np.float64]
LENGTH = 50_000  # 0.4 MB: an array in the second-level cache
OWN = {"take": 1, "multiply": 1, "add": 1, "divide": 1, "product": 1}  # sweeps over the cells, from `adaptive._own`
SLOPE = {"multiply": 1, "subtract": 1}  # and with derivatives: p (1 − p)


def peaks() -> dict[str, float]:
    """Nanoseconds an element of each sweep in cache, GFLOP/s of a matrix product, GB/s from memory."""
    a, b, out = np.full(LENGTH, 1.1), np.full(LENGTH, 0.9), np.empty(LENGTH)
    table, pick = a.reshape(-1, 25), np.arange(LENGTH // 25)[::-1].copy()
    large, M = np.ones(16_000_000), np.random.default_rng(1).random((600, 600))
    sweeps: dict[str, Callable[[], Any]] = {
        "take": lambda: table.take(pick, axis=0),
        "multiply": lambda: np.multiply(a, b, out=out),
        "add": lambda: np.add(a, 1, out=out),
        "subtract": lambda: np.subtract(a, b, out=out),
        "divide": lambda: np.divide(1, a, out=out),
        "product": lambda: b.reshape(50, -1).prod(axis=0),
        "exp": lambda: np.exp(b, out=out),
        "log1p": lambda: np.log1p(b, out=out),
    }
    found = {name: 1e9 * _least(run) / LENGTH for name, run in sweeps.items()}
    found["gflops"] = 2e-9 * 600**3 / _least(lambda: M @ M, 20)
    found["memory_gb_s"] = 8e-9 * len(large) / _least(lambda: large.sum(), 10)
    return found


def _least(run: Callable[[], Any], repeats: int = 100) -> float:
    def once() -> float:
        start = time.perf_counter()
        run()
        return time.perf_counter() - start

    return min(once() for _ in range(repeats))


def cells(y: Array, X: Array, group: Array) -> dict[str, int]:
    """Cells that a fit evaluates, how many of them with derivatives, and calls of either kind."""
    count = {"cells": 0, "with_derivatives": 0, "parts": 0, "parts_with_derivatives": 0}
    own, derivatives = adaptive._own, adaptive._derivatives

    def counted_own(*args: Any) -> Any:
        found = own(*args)
        count["cells"] += found.size
        count["parts"] += 1
        return found

    def counted_derivatives(part: Any, nodes: Any) -> Any:
        count["with_derivatives"] += nodes.own.size
        count["parts_with_derivatives"] += 1
        return derivatives(part, nodes)

    adaptive._own, adaptive._derivatives = counted_own, counted_derivatives
    try:
        glmm.fit(y, X, group)
    finally:
        adaptive._own, adaptive._derivatives = own, derivatives
    return count


def limits(count: dict[str, int], q: int, peak: dict[str, float]) -> dict[str, float]:
    """Seconds that the counted cells take at the peaks.

    `sweeps`: as numpy does it, one array after the other through the cache.  `arithmetic`: as one compiled loop could,
    nothing but its divisions and its other operations at the rate of a matrix product.
    """
    plain, slopes = count["cells"], count["with_derivatives"]
    sweep = plain * sum(n * peak[name] for name, n in OWN.items())
    sweep += slopes * sum(n * peak[name] for name, n in SLOPE.items())
    products = 2 * slopes * (q + 3) / peak["gflops"]  # nanoseconds
    flops = 3 * plain + 2 * slopes
    return {
        "sweeps_s": 1e-9 * (sweep + products),
        "arithmetic_s": 1e-9 * (plain * peak["divide"] + flops / peak["gflops"] + products),
    }
