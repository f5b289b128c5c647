"""`Choice`: what a choice of the analysis declares once, for sidebar, links, command line, provenance and docs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ketadash.core.choices.control import Buttons, Control, OptionList
from ketadash.core.choices.step import Step


def choice_field(default: Any, **texts: Any) -> Any:
    """A field of an analysis: its default, and what `Choice` says of it."""
    return field(default=default, metadata={"choice": Choice(**texts)})


@dataclass(frozen=True)
class Moot:
    """When a choice says nothing: while the field `governor` has a value of which `where` is true."""

    governor: str
    where: Callable[[Any], bool]


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
    control
        How it is made on screen, and how links and the command line write its values.
    enters
        The steps of the analysis at which it comes in; all that builds on them depends on it
        (`ketadash.core.families`).
    moot
        When another choice makes it say nothing; None: never.
    plain
        Its value inside a sentence, where that is neither a number nor a word of its control.
    at_zero
        What stands in place of `sentence` for 0, where that is no number but stands for what the trial has.
    needs_amounts
        Whether it says nothing where the data tell use and not how much.
    methods
        Its sentence in the methods paragraph; None where `ketadash.questions.shared.methods` has it in a longer one.
    """

    sentence: str
    key: str
    label: str
    help: str | None
    cli: str
    control: Control
    enters: tuple[Step, ...]
    moot: Moot | None = None
    at_zero: str = ""
    needs_amounts: bool = False
    plain: Callable[[Any], str] | None = None
    methods: Callable[[Any], str] | None = None

    @property
    def words(self) -> Mapping[str, Any]:
        """The link's words for its values, in the order of their buttons; empty where it has no buttons."""
        return self.control.words if isinstance(self.control, Buttons) else {}

    @property
    def offered(self) -> tuple[str, ...]:
        """The link's words that its list offers; empty where it has no list."""
        return self.control.offered if isinstance(self.control, OptionList) else ()

    def is_moot(self, spec: Any) -> bool:
        """Whether another choice of `spec` makes it say nothing."""
        return self.moot is not None and self.moot.where(getattr(spec, self.moot.governor))
