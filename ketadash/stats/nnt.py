"""The number needed to treat: one over a risk difference, and that with its interval in words.

A risk difference is active minus control of a good outcome, a fraction: a positive one is a benefit.
"""

from __future__ import annotations

from ketadash.core.errors import FitError
from ketadash.core.numbers import people

INFINITY = "∞"


def nnt(difference: float | None) -> float | None:
    """1 / risk difference: negative for harm, None at no difference."""
    return None if difference is None or difference == 0 else 1 / difference


def nnt_text(difference: float | None, ci_low: float | None, ci_high: float | None, *, confidence: float = 0.95) -> str:
    """The number needed to treat for one to benefit (NNTB) or be harmed (NNTH), with its interval, in Altman's words.

    An interval of the difference that spans 0 becomes two, joined at infinity (Altman 1998, BMJ 317:1309).

    Examples
    --------
    >>> nnt_text(0.18, 0.025, 0.45)
    'NNTB 5.6 (95% CI 2.2 to 40)'
    >>> nnt_text(0.18, -0.12, 0.45)
    'NNTB 5.6 (95% CI NNTB 2.2 to ∞ to NNTH 8.3)'
    """
    if difference is None:
        return "NNT not estimable"
    head = f"{_kind(difference)} {_many(difference)}" if difference != 0 else "no difference, so the NNT is infinite"
    if ci_low is None or ci_high is None:
        return f"{head} (no confidence interval)"
    if ci_low > ci_high:
        raise FitError(f"the lower limit {ci_low:g} of a risk difference exceeds the upper {ci_high:g}; swap them")
    return f"{head} ({100 * confidence:g}% CI {_interval(difference, ci_low, ci_high)})"


def _interval(difference: float, ci_low: float, ci_high: float) -> str:
    # the limit on the estimate's own side first: from the strongest effect through none to the opposite
    near, far = (ci_high, ci_low) if difference >= 0 else (ci_low, ci_high)
    if ci_low < 0 < ci_high:
        return f"{_kind(near)} {_shown(near)} to {INFINITY} to {_kind(far)} {_shown(far)}"
    same_side = near * difference > 0  # else the kind must be named: the head does not say it
    return f"{_shown(near)} to {_shown(far)}" if same_side else f"{_named(near)} to {_named(far)}"


def _kind(difference: float) -> str:
    return "NNTB" if difference > 0 else "NNTH"


def _named(difference: float) -> str:
    return INFINITY if difference == 0 else f"{_kind(difference)} {_shown(difference)}"


def _many(difference: float) -> str:
    """|1 / difference| people: one decimal below 10, from there on whole and rounded up, as wherever it is whole."""
    size = abs(1 / difference)
    return f"{size:.1f}" if round(size, 1) < 10 else f"{people(size):,}"


def _shown(difference: float) -> str:
    """A limit: one decimal below 10, whole from there on; not rounded up, which would move the stronger one inwards."""
    if difference == 0:
        return INFINITY
    size = abs(1 / difference)
    return f"{size:.1f}" if round(size, 1) < 10 else f"{size:,.0f}"
