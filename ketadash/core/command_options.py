"""Options that several commands have: one for each choice of an analysis, and how data are read."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from enum import Enum
from typing import Any

from ketadash.core.spec import CHOICES, AnalysisSpec, flag_of


def negative_values_joined(argv: Sequence[str]) -> list[str]:
    """``--days -4:7`` as ``--days=-4:7``: argparse takes whatever begins with a hyphen for another option."""
    joined: list[str] = []
    for text in argv:
        follows_option = bool(joined) and joined[-1].startswith("--") and len(joined[-1]) > 2 and "=" not in joined[-1]
        if follows_option and text[:1] == "-" and text[1:2].isdigit():
            joined[-1] += f"={text}"
        else:
            joined.append(text)
    return joined


def quiet_option(parser: argparse.ArgumentParser) -> None:
    """Whether progress is told."""
    parser.add_argument("--quiet", action="store_true", help="do not tell on standard error how far it is")


def recipe_option(parser: argparse.ArgumentParser) -> None:
    """How the data are read."""
    parser.add_argument(
        "--recipe",
        metavar="FILE",
        help="how to read the data, as downloaded from the Data page (docs/data-format.md); "
        "without it, a recipe.toml among the data, else what is recognised",
    )


def answer_option(parser: argparse.ArgumentParser) -> None:
    """Answers to questions about the data."""
    parser.add_argument(
        "--answer",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="the answer to a question about the data, as the question names it; may be given several times",
    )


def add_spec_options(parser: argparse.ArgumentParser) -> None:
    """One option for each field of `AnalysisSpec`; its defaults are the option's."""
    default = AnalysisSpec()
    for name, choice in CHOICES.items():
        value = getattr(default, name)
        how: dict[str, Any] = {"metavar": choice.control.metavar}
        if isinstance(value, bool):
            how = {"action": argparse.BooleanOptionalAction}
        elif isinstance(value, Enum):
            how = {"choices": [member.value for member in type(value)]}
        elif choice.control.parse in (int, float):
            how["type"] = choice.control.parse
        shown = "" if value in (None, ()) else f" (default: {value})"
        parser.add_argument(
            flag_of(name), dest=f"spec_{name}", default=argparse.SUPPRESS, help=choice.cli + shown, **how
        )


def spec_from(options: argparse.Namespace, declared: AnalysisSpec | None = None) -> AnalysisSpec:
    """The analysis that the trial declares (default: the published one) with what the options say.

    Raises
    ------
    SpecError
        If they contradict each other.
    """
    given = {k.removeprefix("spec_"): v for k, v in vars(options).items() if k.startswith("spec_")}
    default = AnalysisSpec()

    def value_of(name: str, value: Any) -> Any:
        chosen = getattr(default, name)
        if isinstance(chosen, Enum):
            return type(chosen)(value)
        return CHOICES[name].control.parse(value) if isinstance(value, str) else value

    chosen = {name: value_of(name, value) for name, value in given.items()}
    return (declared or AnalysisSpec()).replace(**chosen)
