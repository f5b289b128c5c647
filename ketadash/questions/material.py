"""What a question's blocks are made from: the trial, the choices, and how numbers may be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec, PValues, ViewSpec
from ketadash.core.terms import Terms
from ketadash.questions.shared.grouped_points import DAILY
from ketadash.trial import Trial
from ketadash.trial.population import AnalysisSet, analysis_set


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """What blocks are made from: the trial, the resolved choices, and how numbers may be shown.

    Attributes
    ----------
    trial, spec
        The trial and the choices, resolved (`ketadash.trial.resolve`).
    p_values, suppress
        How p-values are shown, and whether small counts are suppressed.
    ready
        What long computations have so far, by name (``tipping``, ``specifications abstinence``).
    look
        How pictures look; by default light and wide, as paper has it.
    p_values, p_values_outside
        How p-values are shown, and how on a page that departs from the declared analysis by a choice of its own, such
        as a subgroup (`Question.departure`).
    part
        The one part that the reader has chosen to see, such as an endpoint; "" for all of them.
    points, contrast
        How observed points are grouped (`ketadash.questions.shared.grouped_points`), and the day of the difference
        that is told, where it is not the last: ways to look, which change no result.
    on_page
        Whether a web page shows it: pictures then mark where its controls stand.
    """

    trial: Trial
    spec: AnalysisSpec
    p_values: PValues = PValues.SHOWN
    suppress: bool = False
    ready: Mapping[str, Any] = field(default_factory=dict)
    look: ViewSpec = ViewSpec()
    part: str = ""
    points: str = DAILY
    contrast: int | None = None
    on_page: bool = False
    p_values_outside: PValues = PValues.SHOWN

    @property
    def another_day(self) -> int | None:
        """The day that the reader looks at, where it is in the window and not its last."""
        window = self.spec.days
        inside = window is not None and self.contrast is not None and window.first <= self.contrast < window.last
        return self.contrast if inside else None

    @property
    def view(self) -> ViewSpec:
        """How its pictures look."""
        return replace(self.look, p_values=self.p_values)

    @property
    def terms(self) -> Terms:
        """The words for what the trial counts."""
        return analyse.terms(self.trial, self.spec)

    @property
    def day_zero(self) -> str | None:
        """What happened on day 0, for the axis of days."""
        return self.trial.declared.event

    @property
    def arms(self) -> tuple[tuple[str, int], ...]:
        """Each arm's name and size, control first."""
        p = analyse.panel_of(self.trial, self.spec)
        return tuple((arm, int((p.active == k).sum())) for k, arm in enumerate(p.arms))

    @property
    def analysis_set(self) -> AnalysisSet | None:
        """Who is analysed, where that is not everyone randomised."""
        return analysis_set(self.trial, self.spec)

    @property
    def analysis_name(self) -> str:
        """What a picture calls the analysis that the trial declares."""
        return self.trial.declared.analysis_name or "default"
