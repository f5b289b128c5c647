"""Each participant's days as endpoints read them: abstinent, heavy and how much, under the missing-day rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketadash.analyse.binary import abstinence_draws, heavy_draws, panel_of
from ketadash.analyse.design import Outcomes
from ketadash.analyse.filled_days import Drawn, abstinent_days, complete, heavy_days, not_imputed
from ketadash.core.choices.person_endpoint.definition import PersonDays
from ketadash.core.choices.person_endpoint.who_levels import MEN, WOMEN, levels
from ketadash.core.errors import FitError
from ketadash.core.spec import AnalysisSpec
from ketadash.stats import imputation
from ketadash.trial import Panel, Trial
from ketadash.trial.baseline import Before, before_window
from ketadash.trial.units import DEFAULT, UNITS

Array = NDArray[np.float64]
Drawing = Callable[[], Drawn] | None
SHOWN = -1.0  # stands for use of an unknown amount while days are filled


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """What is known of the participants beside their days: (G,) who is a woman, and drinking before treatment.

    `grams` of alcohol in one of the amounts are `assumed` where neither the trial nor the reader says how many.
    """

    woman: NDArray[np.bool_]
    n_sex_unknown: int
    before: Before
    grams: float
    assumed: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """The days, in a trial whose people are `people`; `trouble` says why nothing could be imputed, "" if all is well.

    `lowest` and `highest` have a number where an amount is not known: next to nothing, or the most that is known of
    the participant (or of anybody); None where all are known.
    """

    panel: Panel
    people: People
    days: PersonDays
    lowest: PersonDays | None
    highest: PersonDays | None
    trouble: str = ""


def person_days(trial: Trial, spec: AnalysisSpec) -> Read:
    """The days of everybody randomised under the rule of `spec`; not remembered, since many imputations are large."""
    p = panel_of(trial, spec)
    return days_of(
        p, spec, people_of(trial, spec, p), lambda: abstinence_draws(trial, spec), lambda: heavy_draws(trial, spec)
    )


def people_of(trial: Trial, spec: AnalysisSpec, p: Panel) -> People:
    """The participants of a panel, in its order."""
    assert spec.amount is not None  # resolved
    ids = pd.Series(p.participant_ids, dtype=object)
    people = trial.participants.set_index("participant_id").reindex(ids)
    sex = people["sex"].to_numpy() if "sex" in people else np.full(len(ids), None, dtype=object)
    unit = UNITS[trial.declared.unit or DEFAULT]
    return People(
        sex == "F",
        int((~np.isin(sex.astype(str), ("F", "M"))).sum()),
        before_window(trial, ids, spec.amount, int(p.days[0]), spec.baseline_days),
        spec.drink_grams or unit.grams,
        trial.declared.unit is None and not spec.drink_grams,
    )


def days_of(p: Panel, spec: AnalysisSpec, people: People, abstinent: Drawing = None, heavy: Drawing = None) -> Read:
    """As `person_days`, remembering nothing: of any panel, such as one with the arms shuffled."""
    trouble, shape = "", p.amount.shape
    try:
        a = complete(p, spec, abstinent_days(p, spec), abstinent).ys
        h = complete(p, spec, heavy_days(p, spec), heavy).ys if p.can_tell_heavy else np.full((1, *shape), np.nan)
    except FitError as error:
        trouble = not_imputed(error)
        a = h = np.full((1, *shape), np.nan)
    amount, unmeasured = _amounts(p, spec, a)
    k = max(len(a), len(h), len(amount))
    a, h, amount, unmeasured = (np.broadcast_to(x, (k, *shape)) for x in (a, h, amount, unmeasured))
    limits = np.where(people.woman[:, None], np.array(WOMEN), np.array(MEN))
    days = PersonDays(
        abstinent=a,
        heavy=h,
        amount=amount,
        unmeasured=unmeasured,
        grace=spec.grace,
        assessed=min(spec.assessment_days, shape[1]) or shape[1],
        grams=people.grams,
        limits=limits,
        before=levels(people.before.mean * people.grams, limits),
    )
    if not unmeasured.any():
        return Read(p, people, days, None, None, trouble)
    return Read(p, people, days, _with(days, p, np.zeros(shape[0])), _with(days, p, _most_known(p)), trouble)


def _amounts(p: Panel, spec: AnalysisSpec, abstinent: Outcomes) -> tuple[Array, NDArray[np.bool_]]:
    """Amounts (k, G, T) and where there was use of an unknown one; `abstinent` is what the rule made of the days."""
    missing = np.isnan(p.amount)
    record = np.where(p.overridden, SHOWN, p.amount)
    if spec.missing.imputed:
        own = np.where(p.overridden, np.nan, p.amount)
        needed = missing & (abstinent == 0)
        uniform = imputation.amount_streams(p.streams, len(p.days), len(abstinent), spec.seed)
        drawn = imputation.amounts_from_own_record(own, p.active.astype(int), needed, uniform)
        # somebody in whose arm nobody has an amount used one that nobody knows
        filled = np.where(abstinent == 1, 0.0, np.where(np.isnan(drawn) & needed, np.inf, drawn))
        amount = np.where(missing, filled, record)
    else:
        filled = np.asarray(spec.missing.about.fill(record, p.active, np.inf))
        amount = np.where(missing, np.where(filled == -np.inf, 0.0, filled), record)[None]
    unmeasured = amount == SHOWN
    return np.where(unmeasured, np.nan, amount), unmeasured


def _most_known(p: Panel) -> Array:
    """(G,) the largest known amount of each, or of anybody for somebody without one."""
    known = np.where(p.overridden | np.isnan(p.amount), 0.0, p.amount)
    own = known.max(axis=1)
    return np.where(own > 0, own, known.max(initial=0.0))


def _with(days: PersonDays, p: Panel, each: Array) -> PersonDays:
    """The days with an amount, (G,) by participant, where use was of an unknown one."""
    fill = np.broadcast_to(each[:, None], days.amount.shape)
    heavy = np.where(days.unmeasured, (fill > p.heavy_threshold[:, None]).astype(float), days.heavy)
    least = np.finfo(float).tiny  # the least amount above 0, since a day of next to nothing is a day of use
    return replace(days, amount=np.where(days.unmeasured, np.maximum(fill, least), days.amount), heavy=heavy)
