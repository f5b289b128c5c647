"""Threads of a process: how many its linear algebra takes, said before numpy is imported; and one beside the first."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

Result = TypeVar("Result")

SETTINGS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS",
)  # as joblib sets them for its workers


def one_of_each() -> None:
    """Let one thread do a sum, unless somebody has said otherwise.

    BLAS shares out sums that are done sooner than a second thread has begun, and its threads spin while they wait: a
    third of the processor time of a large trial's fits, which a second fit can use.
    """
    if "numpy" not in sys.modules:
        for setting in SETTINGS:
            os.environ.setdefault(setting, "1")


def begun(work: Callable[[], Result]) -> Future[Result]:
    """`work` in a thread that ends with the process: whoever asks for its result waits for it, or gets its error."""
    done: Future[Result] = Future()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # raised where the result is asked for
            done.set_exception(error)
        else:
            done.set_result(result)

    Thread(target=run, name="ketadash beside", daemon=True).start()
    return done
