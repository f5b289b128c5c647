"""What was analysed and how, and in what it differs from the published analysis."""

from __future__ import annotations

import platform
from collections.abc import Collection, Mapping
from dataclasses import asdict
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from ketadash import __version__
from ketadash.analyse.binary import panel_of
from ketadash.core.choices.step import Step
from ketadash.core.errors import KetadashError
from ketadash.core.families import Family
from ketadash.core.spec import CHOICES, AnalysisSpec, Window
from ketadash.results import Provenance
from ketadash.trial import Trial, resolve
from ketadash.trial.population import AnalysisSet, analysis_set
from ketadash.trial.trial_terms import terms_of

PACKAGES = ("numpy", "scipy", "pandas", "lifelines", "statsmodels", "plotly", "streamlit")
ARMS, COLUMNS = ("control", "active"), ("amount", "baseline")


def departures(trial: Trial, spec: AnalysisSpec) -> dict[str, Any]:
    """The choices, with their values, in which a resolved spec differs from the declared or default analysis.

    Arms that the trial itself does not declare are not a departure from anything, nor are columns that had to be named.
    """
    declared = declared_beside(trial, spec)
    published, _ = resolve(trial, declared)
    # another column of amounts can bring its own baseline along, which nobody chose
    if spec.amount != published.amount:
        alike, _ = resolve(trial, declared.replace(amount=spec.amount))
        published = alike.replace(amount=published.amount)
    differing = spec.differences(published)
    if not trial.declared.strict:  # subgroups, exploratory always, are on their own page alone
        differing = {name: value for name, value in differing.items() if CHOICES[name].enters != (Step.SUBGROUPS,)}
    return {name: value for name, value in differing.items() if name != "baseline" or spec.baseline is not None}


def exploratory(trial: Trial, spec: AnalysisSpec) -> tuple[str, ...]:
    """The same in words; empty where the analysis is the declared or default one."""
    terms = terms_of(trial, spec.amount)
    return tuple(spec.describe(name, terms.many, terms.use) for name in departures(trial, spec))


def departing_throughout(trial: Trial, spec: AnalysisSpec, family: Family, varied: Collection[str]) -> dict[str, Any]:
    """What departs from the declared analysis in every row of a table that varies only `varied`.

    A row is the declared analysis only where nothing departs at all, in no choice that its numbers depend on.
    """
    return {name: value for name, value in departures(trial, spec).items() if name in family and name not in varied}


def departing(row: AnalysisSpec, throughout: Mapping[str, Any]) -> dict[str, Any]:
    """Those of them that say anything in a row: not the imputations of one that draws nothing."""
    return {name: value for name, value in throughout.items() if not CHOICES[name].is_moot(row)}


def declared_beside(trial: Trial, spec: AnalysisSpec) -> AnalysisSpec:
    """The declared or default analysis on the arms of a resolved spec where the trial declares none.

    Columns are the trial's own too, unless it has none that is recognised.
    """

    def beside(names: tuple[str, ...]) -> AnalysisSpec:
        undeclared = {name: getattr(spec, name) for name in names if getattr(trial.declared, name) is None}
        return trial.declared.published.replace(**undeclared)

    try:
        resolve(trial, default := beside(ARMS))
    except KetadashError:
        return beside((*ARMS, *COLUMNS))
    return default


def provenance(trial: Trial, spec: AnalysisSpec) -> Provenance:
    """The data's fingerprint, the resolved spec, versions: enough to do the analysis again."""
    p = panel_of(trial, spec)
    chosen = asdict(spec)
    return Provenance(
        data_sha256=trial.sha256,
        n_participants=len(p.active),
        n_rows=int((~np.isnan(p.amount)).sum()),
        arms={arm: int((p.active == k).sum()) for k, arm in enumerate(p.arms)},
        spec={k: "inf" if v == np.inf else v for k, v in chosen.items()} | {"days": str(Window(**chosen["days"]))},
        versions=dict(versions()),
        exploratory=exploratory(trial, spec),
        synthetic=trial.synthetic,
        source=trial.source,
        title=trial.title,
        analysis_set=_set(analysis_set(trial, spec)),
    )


def _set(chosen: AnalysisSet | None) -> dict[str, Any] | None:
    if chosen is None:
        return None
    arms = {arm: {"n": inside, "randomised": randomised} for arm, inside, randomised in chosen.arms}
    return {"name": chosen.name, "arms": arms, "after_randomisation": chosen.late or None}


@lru_cache(maxsize=1)
def versions() -> tuple[tuple[str, str], ...]:
    """Versions of everything that could change a number."""
    versions_used = [("ketadash", __version__), ("python", platform.python_version())]
    for name in PACKAGES:
        try:
            versions_used.append((name, version(name)))
        except PackageNotFoundError:  # a wheel may be run without the dashboard's packages
            continue
    return tuple(versions_used)
