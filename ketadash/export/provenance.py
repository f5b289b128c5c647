"""Where an export comes from: data, specification, versions, date, link.  Every export carries it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from ketadash import analyse
from ketadash.core.spec import CHOICES, AnalysisSpec
from ketadash.export.command import command
from ketadash.questions.shared import words
from ketadash.trial import Panel, Trial

SYNTHETIC = "Synthetic sample data: invented people, no evidence"
LETTERS = 12  # of the fingerprint where there is no room for all of it, as in the link

HEADING = "Where this comes from"


def mark_of(trial: Trial) -> str | None:
    """What must stand on everything made from a trial: that it is synthetic, or whose data these are."""
    return SYNTHETIC if trial.synthetic else trial.source


@dataclass(frozen=True, slots=True)
class Stamp:
    """What an export says of its origin.

    Attributes
    ----------
    mark
        What must stand on everything made from these data: that they are synthetic, or whose they are, if the trial
        says it; else None.
    arms
        How many were randomised to each arm, control first.
    differences
        In what this differs from the declared analysis; empty for itself.
    analysis_name
        What the trial's declared analysis is called.
    choices
        Every choice in words, arms and columns as resolved.
    when
        Date and time in UTC, to the minute.
    """

    title: str
    mark: str | None
    sha256: str
    arms: tuple[tuple[str, int], ...]
    differences: tuple[str, ...]
    analysis_name: str | None
    choices: tuple[str, ...]
    command: str
    link: str | None
    versions: tuple[tuple[str, str], ...]
    when: str

    @property
    def status(self) -> str:
        """Whether this is the declared analysis, or in what it differs."""
        return words.status(self.differences, self.analysis_name)

    @property
    def data(self) -> str:
        """The fingerprint's beginning."""
        return self.sha256[:LETTERS]

    def lines(self) -> list[tuple[str, str]]:
        """Everything, as pairs of what it is and what it says."""
        n = sum(k for _, k in self.arms)
        arms = ", ".join(f"{k} {arm}" for arm, k in reversed(self.arms))
        return [
            ("Trial", self.title),
            *([("Data", self.mark)] if self.mark else []),
            ("Fingerprint (SHA-256)", self.sha256),
            ("Participants", f"{n}: {arms}"),
            ("Analysis", self.status),
            ("Every choice", "; ".join(self.choices)),
            ("Command", self.command),
            *([("Link", self.link)] if self.link else []),
            ("Made", self.when),
            ("Versions", ", ".join(f"{name} {number}" for name, number in self.versions)),
        ]

    def line(self) -> str:
        """One line for below a picture."""
        return " · ".join(part for part in (self.mark, self.foot()) if part)

    def foot(self) -> str:
        """The same where the mark of the data stands by itself."""
        return f"{self.status} · {self.of_what()}"

    def of_what(self) -> str:
        """Which data, by which version, on which day."""
        version = dict(self.versions).get("ketadash", "")
        return " · ".join((f"data {self.data}", f"ketadash {version}", self.when[:10]))

    def slug(self) -> str:
        """The analysis as part of a file's name: ``published``, ``missing-missing-linear``."""
        return state_slug(self.differences, self.analysis_name)


def stamp(
    trial: Trial,
    chosen: AnalysisSpec,
    spec: AnalysisSpec,
    *,
    when: datetime,
    link: str | None = None,
    file: str | None = None,
) -> Stamp:
    """The origin of what is exported now.

    Parameters
    ----------
    trial, chosen, spec
        The trial, the spec as chosen and the same resolved.
    when
        An aware moment; it is given in UTC.
    link
        The address that shows this state, if there is one.
    file
        The name of the data's file, None for the sample trial.
    """
    facts = analyse.provenance(trial, spec)
    return Stamp(
        title=trial.title,
        mark=mark_of(trial),
        sha256=trial.sha256,
        arms=tuple(facts.arms.items()),
        differences=tuple(facts.exploratory),
        analysis_name=trial.declared.analysis_name,
        choices=_choices(spec, analyse.panel_of(trial, spec)),
        command=command(chosen, file, trial.declared.published, recipe=trial.recipe_given is not None),
        link=link,
        versions=tuple(facts.versions.items()),
        when=f"{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
    )


def _choices(spec: AnalysisSpec, p: Panel) -> tuple[str, ...]:
    """Every choice in words, without those that another one makes moot, or data that do not tell how much was used."""
    return tuple(
        spec.describe(name, p.terms.many, p.terms.use)
        for name, choice in CHOICES.items()
        if not choice.is_moot(spec) and getattr(spec, name) not in (None, ())
        if p.can_tell_heavy or not choice.needs_amounts
    )


def file_name(what: str, ending: str, origin: Stamp) -> str:
    """``ketadash-abstinence-published.pptx``: what it is and in which state."""
    return f"ketadash-{slug(what)}-{origin.slug()}.{ending}"


def state_slug(differences: tuple[str, ...], analysis_name: str | None) -> str:
    """The analysis as part of a file's name: what it is called, or the choices in which it differs from that."""
    if not differences:
        return slug(analysis_name or "default", 60)
    return slug(_IN_BRACKETS.sub("", "; ".join(differences)), 60)  # what stands in brackets makes it long


_IN_BRACKETS = re.compile(r" \([^()]*\)")


def slug(text: str, most: int = 40) -> str:
    """Text as a file's name may have it: small letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:most].strip("-")
