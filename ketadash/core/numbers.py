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


def point_digits(difference: float, low: float | None, high: float | None) -> int:
    """Decimals of a difference in points: as its interval's width asks for, and none that is shown apart reads as 0.

    Two at most.

    >>> point_digits(0.3, 0.1, 0.5), point_digits(0.004, 0.001, 0.03), point_digits(0.004, -0.1, 0.1)
    (0, 1, 0)
    """
    digits = _width_digits(low, high)
    if low is None or high is None:
        return digits
    return min(clear_digits(100 * difference, 100 * low, 100 * high, digits), 2)


def clear_digits(difference: float, low: float | None, high: float | None, digits: int) -> int:
    """Decimals of a difference: as asked for, and up to two more where its interval shows it and it would read as 0."""
    if low is None or high is None or low <= 0 <= high:
        return digits
    return next((some for some in (digits, digits + 1) if round(difference, some)), digits + 2)


def _width_digits(low: float | None, high: float | None) -> int:
    """Decimals of points that an interval needs not to read as a single point: none where it is 2 wide."""
    if low is None or high is None or low == high:
        return 0
    return next((some for some, least in enumerate((0.02, 0.002)) if high - low >= least), 2)


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
    """The ends of a difference in percentage points: whole, unless close or beside no difference."""
    return clear_interval(100 * low, 100 * high, _width_digits(low, high))


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


def points_text(difference: float, low: float | None = None, high: float | None = None) -> str:
    """A difference of two shares in percentage points, with its sign: whole, unless its interval asks for more."""
    return plain_number(100 * difference, point_digits(difference, low, high))


def signed_points(difference: float, low: float | None = None, high: float | None = None) -> str:
    """The same with a plus too, and with no sign where it reads as 0.

    >>> signed_points(0.302), signed_points(-0.01), signed_points(-0.002), signed_points(-0.002, -0.003, -0.001)
    ('+30', '−1', '0', '−0.2')
    """
    text = points_text(difference, low, high)
    return f"+{text}" if difference > 0 and not reads_as_none(text) else text


def reads_as_none(size: str) -> bool:
    """Whether a number as written is 0, with whatever decimals."""
    return not size.strip("0.")


def point_span(lowest: float, highest: float) -> tuple[str, str]:
    """The ends of a range of differences in percentage points: whole, unless they lie within two points.

    >>> point_span(0.19, 0.33), point_span(0.0019, 0.0034), point_span(0.1, 0.1)
    (('19', '33'), ('0.2', '0.3'), ('10', '10'))
    """
    digits = min(_width_digits(lowest, highest), 1 if round(100 * lowest, 1) != round(100 * highest, 1) else 2)
    return plain_number(100 * lowest, digits), plain_number(100 * highest, digits)


def points_beside(difference: float, low: float | None, high: float | None) -> str:
    """Such a difference and its interval, as a table has them: ``30 (9–51)``."""
    return f"{points_text(difference, low, high)} ({points_interval(low, high)})"


def with_points(size: str, of: str = "") -> str:
    """A size in percentage points with its unit, which is one point or several.

    >>> with_points("−1"), with_points("30"), with_points("0.1"), with_points("1", "percentage ")
    ('−1 point', '30 points', '0.1 points', '1 percentage point')
    """
    return f"{size} {of}{'point' if size.lstrip('+−') == '1' else 'points'}"


def points_interval(low: float | None, high: float | None) -> str:
    """The interval of such a difference, in percentage points: whole, as `point_ends`."""
    return "no interval" if low is None or high is None else point_ends(low, high)
