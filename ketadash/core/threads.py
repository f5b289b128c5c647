"""How many threads a process's linear algebra takes: said in the environment, before numpy is imported."""

from __future__ import annotations

import os
import sys

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
