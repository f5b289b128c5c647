"""What is said of a field of the analysis, once: for the sidebar, links, the command line, provenance and docs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

AUTO = "as the trial says"  # a column or an arm that is left to the trial, in lists and links


def name_word(name: str | None) -> str:
    """A column or an arm as the link has it."""
    return name or AUTO


def odds_word(odds: float) -> str:
    """An odds ratio as the dial and the link have it."""
    return "inf" if odds == float("inf") else f"{odds:g}"


def share_of(text: str) -> float:
    """``"95%"`` as 0.95."""
    return float(text.rstrip("%")) / 100


def _as_is(value: Any) -> Any:
    return value


def never(spec: Any) -> bool:
    """For a choice that always matters."""
    return False


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One choice that changes a number.

    In `label` and `help` the trial's own words stand in braces: ``{use}``, ``{used}``, ``{day}``, ``{baseline}``,
    ``{heavy_day}``, ``{measure}``.

    Attributes
    ----------
    sentence
        Its value, ``{}``, where the analysis differs from the published one; ``{many}`` is what amounts are counted in.
    key
        In links, and the control's key; never changed.
    label, help
        Of the control in the sidebar.
    cli
        Help on the command line; the flag is the field's name with dashes.
    metavar, kind
        There, how a free value is written and what it is.
    words
        The link's words for its values, where there are few, in the order of their buttons.
    offered
        The link's words that a list offers, where other values are possible too.
    write, read
        A value as the link has it, and back (`ValueError` for a word that is none).
    moot
        Whether another choice of a spec makes it say nothing.
    """

    sentence: str
    key: str
    label: str
    help: str | None
    cli: str
    metavar: str | None = None
    kind: Callable[[str], Any] = str
    words: Mapping[str, Any] = field(default_factory=dict)
    offered: tuple[str, ...] = ()
    write: Callable[[Any], Any] = _as_is
    read: Callable[[str], Any] = _as_is
    moot: Callable[[Any], bool] = never

    def word(self, value: Any) -> Any:
        """A value as its control and the link have it."""
        return next((word for word, meant in self.words.items() if meant == value), None) or self.write(value)
