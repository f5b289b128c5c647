"""Whether a trial has what a question asks for, known without computing anything: a presentation asks at every turn."""

from __future__ import annotations

from ketadash import analyse
from ketadash.analyse.outcomes import tells
from ketadash.core.spec import AnalysisSpec
from ketadash.trial import Trial


def always(trial: Trial, spec: AnalysisSpec, suppress: bool) -> bool:
    """What every trial can answer; `suppress` says that small counts are left out."""
    return True


def tells_heavy_days(trial: Trial, spec: AnalysisSpec, suppress: bool) -> bool:
    """Whether the amounts can tell a heavy day."""
    return analyse.panel_of(trial, spec).can_tell_heavy


def tells_relapse(trial: Trial, spec: AnalysisSpec, suppress: bool) -> bool:
    """Whether the amounts can tell relapse as it is defined."""
    return tells(analyse.panel_of(trial, spec), "relapse", spec)
