"""How numbers are written: percentages, points and intervals, rounded as journals round them."""

from __future__ import annotations

from math import ceil

NBSP = "\u00a0"  # keeps a short entry on one line


def percent(fraction: float | None, digits: int = 0) -> str:
    """``0.784`` → ``"78%"``; a dash for None."""
    return "–" if fraction is None else f"{plain_number(100 * fraction, digits)}%"


def points(difference: float, digits: int = 0) -> str:
    """A difference of two fractions in percentage points, without its sign: ``-0.26`` → ``"26"``."""
    return plain_number(abs(100 * difference), digits)


def number(x: float | None, digits: int = 2) -> str:
    """``1.1931`` → ``"1.19"``; a dash for None."""
    return "–" if x is None else plain_number(x, digits)


def plain_number(x: float, digits: int) -> str:
    """A number with a true minus sign, and none before a zero."""
    text = f"{x:.{digits}f}"
    return text.removeprefix("-") if float(text) == 0 else text.replace("-", "−")


def level(confidence: float) -> str:
    """``95% CI``, what an interval of that level is called."""
    return f"{100 * confidence:g}% CI"


def interval(low: float | None, high: float | None, digits: int = 2) -> str:
    """``1.14–1.25``; "to" where an end is negative, a word where there is none."""
    if low is None or high is None:
        return "not estimable"
    joint = " to " if low < 0 or high < 0 else "–"
    return f"{number(low, digits)}{joint}{number(high, digits)}"


def point_ends(low: float, high: float) -> str:
    """The ends of a difference in percentage points: whole, unless an end beside no difference would round to it."""
    return clear_interval(100 * low, 100 * high, 0)


def clear_interval(low: float | None, high: float | None, digits: int, none: float = 0.0) -> str:
    """An interval with as many decimals as it takes that no end beside `none`, which is no difference, rounds to it.

    Two more at most; an interval that holds `none` has the decimals it was asked for.
    """
    if low is None or high is None or low <= none <= high:
        return interval(low, high, digits)
    nearest = min(low - none, high - none, key=abs)
    seen = (some for some in range(digits, digits + 2) if round(none + nearest, some) != none)
    return interval(low, high, next(seen, digits + 2))


def ratio_digits(low: float, high: float) -> int:
    """Decimals that show a ratio's interval: two, and more where it is narrow, as over many days."""
    return 2 if high - low > 0.05 else 3 if high - low > 0.005 else 4


def ratio_interval(low: float | None, high: float | None) -> str:
    """The interval of a ratio: two decimals, and more where an end would read as 0 or, beside no difference, as 1."""
    if low is None or high is None:
        return interval(low, high)

    def reads_true(digits: int) -> bool:
        shown = round(low, digits), round(high, digits)
        return shown[0] > 0 and (low > 1) == (shown[0] > 1) and (high < 1) == (shown[1] < 1)

    return interval(low, high, next((digits for digits in (2, 3) if reads_true(digits)), 4))


def count_text(count: float) -> str:
    """A count, or its mean over imputations."""
    return f"{count:.0f}" if float(count).is_integer() else f"{count:.1f}"


def people(number: float) -> int:
    """How many people a number is, whatever its sign: a part of one counts as one, but for error in the last digits."""
    size = abs(number)
    return round(size) if abs(size - round(size)) <= 1e-9 * max(size, 1.0) else ceil(size)


def points_text(difference: float) -> str:
    """A difference of two shares in whole percentage points, with its sign."""
    return plain_number(100 * difference, 0)


def signed_points(difference: float) -> str:
    """The same with a plus too, and with no sign where it reads as 0.

    >>> signed_points(0.302), signed_points(-0.01), signed_points(-0.002)
    ('+30', '−1', '0')
    """
    text = points_text(difference)
    return f"+{text}" if text != "0" and difference > 0 else text


def with_points(size: str, of: str = "") -> str:
    """A size in percentage points with its unit, which is one point or several.

    >>> with_points("−1"), with_points("30"), with_points("0.1"), with_points("1", "percentage ")
    ('−1 point', '30 points', '0.1 points', '1 percentage point')
    """
    return f"{size} {of}{'point' if size.lstrip('+−') == '1' else 'points'}"


def points_interval(low: float | None, high: float | None) -> str:
    """The interval of such a difference, in whole percentage points."""
    return "no interval" if low is None or high is None else clear_interval(100 * low, 100 * high, 0)
