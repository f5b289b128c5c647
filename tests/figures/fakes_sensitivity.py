"""Made-up results of the sensitivity analyses, for the figures' tests and for looking at."""

import math
from dataclasses import replace
from itertools import product

import fakes
import numpy as np

from ketadash.results import ArmsTest, Estimate
from ketadash.results.sensitivity import (
    DropoutWays,
    MissingDay,
    Missingness,
    PTable,
    Record,
    Specification,
    SpecificationCurve,
    Strip,
    TippingMap,
)

ARMS = fakes.ARMS
STOPS = (0.0, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, math.inf)


def strip(unknown=(6, 0), n=(23, 17), successes=(8, 14), arms=ARMS, definition="abstinent on day 21"):
    """Wald intervals: near enough for a picture."""
    risk = [(successes[k] + np.arange(unknown[k] + 1)) / n[k] for k in (0, 1)]
    a, b = risk[0][:, None], risk[1][None, :]
    half = 1.96 * np.sqrt(a * (1 - a) / n[0] + b * (1 - b) / n[1])
    return Strip(
        "last_day",
        definition,
        arms,
        0.95,
        n,
        successes,
        unknown,
        b - a,
        b - a - half,
        b - a + half,
        PTable(np.full((unknown[0] + 1, unknown[1] + 1), 0.5)),
    )


def _share(ratio, reported):
    odds = reported / (1 - reported) * ratio
    return 0.0 if ratio == 0 else 1.0 if ratio == math.inf else odds / (1 + odds)


def tipping_map(arms=ARMS, varies=(True, True), missing=(0.16, 0.13), base=(0.5, 0.75), half=0.22):
    """Every missing day's chance moved by its odds ratio; an arm that does not vary has one row for all."""
    implied = tuple(tuple(_share(s, q) for s in STOPS) for q in (0.55, 0.8))
    risk = [
        np.array([b * (1 - m) + m * x for x in share]) if v else np.full(len(STOPS), b)
        for b, m, share, v in zip(base, missing, implied, varies, strict=True)
    ]
    d = risk[1][None, :] - risk[0][:, None]
    h = half + 0.03 * np.abs(np.linspace(-1, 1, len(STOPS)))[:, None] * varies[0]
    n = math.prod(len(STOPS) if v else 1 for v in varies)
    none = (math.nan,) * len(STOPS)
    return TippingMap(
        arms,
        21,
        0.95,
        20,
        STOPS,
        d,
        d - h,
        d + h,
        (implied[0] if varies[0] else none, implied[1] if varies[1] else none),
        varies,
        (Record(6, 57, 0.43, 0.75), Record(3, 20, 0.6, 0.78)),
        n,
        n,
    )


def only(tm, places):
    """The map with the stops at `places` of either axis alone computed."""
    there = np.isin(np.arange(len(STOPS)), places)
    known = (there | (not tm.varies[0]))[:, None] & (there | (not tm.varies[1]))[None, :]
    grids = (np.where(known, grid, np.nan) for grid in (tm.estimate, tm.ci_low, tm.ci_high))
    estimate, low, high = grids
    done = math.prod(len(places) if v else 1 for v in tm.varies)
    return replace(tm, estimate=estimate, ci_low=low, ci_high=high, n_done=done)


NAMES = {
    "missing": ("drinking", "missing", "last carried forward", "imputed (like reported)", "best case", "worst case"),
    "trend": ("quadratic", "linear"),
    "adjust": ("adjusted", "unadjusted"),
    "estimator": ("quadrature", "RSPL"),
    "window": ("days 1–21", "days 1–14", "days 8–21"),
    "etg": ("applied",),
}


def specifications(arms=ARMS, outcome="abstinence", names=None, failed=0, shift=0.0, seed=1):
    """Every combination of `names`, the first of them published, the `failed` last ones without an estimate."""
    names, rng = names or NAMES, np.random.default_rng(seed)
    rows = []
    for i, options in enumerate(product(*names.values())):
        choices = dict(zip(names, options, strict=True))
        bound = choices.get("missing", "") in ("best case", "worst case")
        kind = "published" if i == 0 else "bound" if bound else ("sensitivity", "supplementary")[i % 2]
        e = shift + float(rng.normal(0.2, 0.1))
        low, high = e - float(rng.uniform(0.1, 0.25)), e + float(rng.uniform(0.1, 0.25))
        rows.append(
            Specification(choices, {} if i == 0 else {"trend": "linear"}, kind, Estimate(e, low, high, 0.04), 840, 63)
        )
    none = Estimate(None, None, None)
    lost = rows[len(rows) - failed :]
    rows = rows[: len(rows) - failed] + [
        replace(r, difference=none, failed="an arm is <b>abstinent</b> throughout") for r in lost
    ]
    rows.sort(key=lambda r: (r.difference.estimate is None, r.difference.estimate or 0.0))
    return SpecificationCurve(
        outcome,
        "a difference",
        arms,
        0.95,
        names,
        tuple(rows),
        (("they do not enter this outcome", 27),),
        len(rows) + 27,
    )


def missingness(window=(1, 21), n=(23, 17), left=((1, 9, 12, 12, 16, 19), ()), gaps=((3,), (5, 6)), arms=ARMS):
    """`left` are the first missing days of those who left, `gaps` single missing days, by arm."""
    days, lost = [], [0, 0]
    for k, arm in enumerate(arms):
        for day in range(window[0], window[1] + 1):
            after, between = sum(d <= day for d in left[k]), sum(d == day for d in gaps[k])
            lost[k] += after + between
            days.append(MissingDay(arm, day, n[k], n[k] - after - between, after, between))
    span = window[1] - window[0] + 1
    return Missingness(
        arms,
        window,
        tuple(days),
        (len(left[0]), len(left[1])),
        (len(left[0]), len(left[1])),
        {arm: () for arm in arms},
        (lost[0], lost[1]),
        (n[0] * span, n[1] * span),
    )


def ways(arms=ARMS):
    """The three readings of dropout, the same curve shifted a little."""
    base = fakes.time_to_event(arms)
    tests = {"event": ArmsTest.LOG_RANK, "censored": ArmsTest.LOG_RANK, "competing": ArmsTest.GRAY}
    made = []
    for k, (rule, test) in enumerate(tests.items()):
        curve = tuple(replace(p, survival=p.survival + (1 - p.survival) * k / 5) for p in base.curve)
        made.append(replace(base, dropout=rule, test=test, curve=curve))
    return DropoutWays(tuple(made), ())
