"""The endpoints of each participant that alcohol trials are judged by, compared between the arms without a model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketadash.analyse.binary import panel_of
from ketadash.analyse.memo import remembered
from ketadash.analyse.person_values import Values, in_words, values_of, window_of, withheld
from ketadash.core.choices.missing import missing_day
from ketadash.core.choices.person_endpoint import ENDPOINTS as EVERY
from ketadash.core.choices.person_endpoint.definition import Definition, Kind
from ketadash.core.errors import FitError
from ketadash.core.families import ENDPOINTS
from ketadash.core.findings import counted
from ketadash.core.numbers import plain_number
from ketadash.core.spec import AnalysisSpec
from ketadash.results import Estimate
from ketadash.results.endpoints import ArmEndpoint, EndpointResult, Endpoints
from ketadash.stats import effects, negative_binomial
from ketadash.stats.pooling import difference_of_proportions, p_of_difference, pool_each, proportion, whole
from ketadash.stats.wald import t_test
from ketadash.stats.welch import welch
from ketadash.trial import Panel, Trial

Array = NDArray[np.float64]

LONG_ENOUGH = 28  # days from which a WHO level is of a usual length
NEWCOMBE, WELCH = "Newcombe (Wilson scores), p by inverting it", "Welch's t"
RATE_RATIO = "rate ratio by negative binomial regression, offset log(known days), robust errors (HC1), t"
POOLED = "{}, pooled over imputations"
NO_COMPARISON = Estimate(None, None, None)


@remembered(ENDPOINTS)
def endpoints(trial: Trial, spec: AnalysisSpec) -> Endpoints:
    """Every endpoint, in order; one that the data cannot tell says why in its warnings."""
    v = values_of(trial, spec)
    p = panel_of(trial, spec)
    return Endpoints(p.arms, spec.confidence, tuple(endpoint_result(d, v, spec) for d in EVERY.values()), p.terms)


def endpoint_result(d: Definition, v: Values, spec: AnalysisSpec) -> EndpointResult:
    """One endpoint of participants whose values are `v`, remembering nothing."""
    p, window = v.panel, window_of(d, v.panel, spec)
    why_not, fills = withheld(d, v, spec), in_words(d, p, spec, v)
    unknown = d.unknown.format(**fills)
    texts = {
        "missing": f"{missing_day(spec.missing, p.terms.use)}. {unknown}",
        "definition": _capital(d.definition.format(**fills)),
        "formula": d.formula.format(**fills),
    }
    compared = _Compared(*_nobody(p)) if why_not else _compared(d, v, spec)
    own = [why_not] if why_not else [*compared.messages, *_warnings(d, v, spec, compared)]
    return EndpointResult(
        key=d.key,
        label=_capital(d.label.format(**fills)),
        kind=d.kind.value,
        unit=d.unit,
        good=d.good,
        window=window,
        grace=spec.grace if d.forgives else 0,
        **texts,
        code=d.r,
        arms=compared.arms,
        difference=compared.difference,
        method=compared.method,
        confidence=spec.confidence,
        cohen_h=compared.cohen_h,
        cohen_d=compared.cohen_d,
        bounds=compared.bounds,
        open_bounds=compared.open_bounds,
        warnings=tuple(own),
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


@dataclass(frozen=True, slots=True)
class _Compared:
    """Both arms and their difference."""

    arms: tuple[ArmEndpoint, ArmEndpoint]
    difference: Estimate = NO_COMPARISON
    method: str = ""
    cohen_h: float | None = None
    cohen_d: float | None = None
    bounds: tuple[float, float] | None = None
    open_bounds: tuple[float, float] | None = None
    messages: tuple[str, ...] = ()


def _nobody(p: Panel) -> tuple[tuple[ArmEndpoint, ArmEndpoint]]:
    control, active = (ArmEndpoint(arm, 0, int((p.active == k).sum()), 0, None) for k, arm in enumerate(p.arms))
    return ((control, active),)


def _compared(d: Definition, v: Values, spec: AnalysisSpec) -> _Compared:
    values, eligible = v.values[d.key], v.eligible[d.key]
    known = ~np.isnan(values).any(axis=0) & eligible
    compare = {Kind.MEAN: _means, Kind.COUNT: _shares, Kind.RATE: _rates}[d.kind]
    return compare(d, v, values, known, eligible, spec)


def _groups(v: Values, who: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    return who & ~v.panel.active, who & v.panel.active


def _counts(v: Values, known: NDArray[np.bool_], eligible: NDArray[np.bool_]) -> list[tuple[str, int, int, int]]:
    """Each arm's name, how many have a value, have none though they could, and could not have one."""
    return [
        (arm, int((known & own).sum()), int((~known & eligible & own).sum()), int((~eligible & own).sum()))
        for arm, own in zip(v.panel.arms, _groups(v, np.ones(len(known), bool)), strict=True)
    ]


def _pair(arms: list[ArmEndpoint]) -> tuple[ArmEndpoint, ArmEndpoint]:
    control, active = arms
    return control, active


def _means(
    d: Definition, v: Values, values: Array, known: NDArray[np.bool_], eligible: NDArray[np.bool_], spec: AnalysisSpec
) -> _Compared:
    groups = _groups(v, known)
    each = [values[:, own] for own in groups]
    edges = _edges(d, v, groups)
    arms = [
        ArmEndpoint(*counts, *_mean_and_sd(x), least=low, most=high)
        for counts, x, (low, high) in zip(_counts(v, known, eligible), each, edges, strict=True)
    ]
    labels = (v.panel.arms[1], v.panel.arms[0])
    gap, messages = welch(each[1], each[0], spec.confidence, labels, shares=d.unit == "percent")
    return _Compared(
        _pair(arms),
        gap,
        _how(WELCH, values),
        cohen_d=cohen_d(each[1], each[0]),
        bounds=_bounds(edges),
        messages=messages,
    )


def _mean_and_sd(values: Array) -> tuple[float | None, float | None]:
    """Over participants, averaged over imputations; None where there are too few people."""
    n = values.shape[1]
    return float(values.mean()) if n else None, float(values.std(axis=1, ddof=1).mean()) if n > 1 else None


def cohen_d(active: Array, control: Array) -> float | None:
    """The difference of means in pooled standard deviations, a mean over imputations; None without a spread."""
    n1, n0 = active.shape[1], control.shape[1]
    if n1 < 2 or n0 < 2:
        return None
    pooled = ((n1 - 1) * active.var(axis=1, ddof=1) + (n0 - 1) * control.var(axis=1, ddof=1)) / (n1 + n0 - 2)
    if (pooled <= 0).any():
        return None
    return float(((active.mean(axis=1) - control.mean(axis=1)) / np.sqrt(pooled)).mean())


def cohen_h(active: float, control: float) -> float:
    """2 arcsin √p₁ − 2 arcsin √p₀."""
    return float(2 * np.arcsin(np.sqrt(active)) - 2 * np.arcsin(np.sqrt(control)))


def _shares(
    d: Definition, v: Values, values: Array, known: NDArray[np.bool_], eligible: NDArray[np.bool_], spec: AnalysisSpec
) -> _Compared:
    groups = _groups(v, known)
    counts = _counts(v, known, eligible)
    edges = _edges(d, v, groups)
    arms = []
    for count, own, (low, high) in zip(counts, groups, edges, strict=True):
        share = values[:, own].mean(axis=1) if own.any() else np.zeros(0)
        arms.append(share_of(count, share, spec.confidence, low, high))
    control, active = _pair(arms)
    if active.value is None or control.value is None:
        empty = control.arm if control.value is None else active.arm
        return _Compared((control, active), messages=(f"it is known for nobody in the {empty} arm",))
    shares = [values[:, own].mean(axis=1) for own in groups]
    return _Compared(
        (control, active),
        difference_of_shares(shares[1], active.n, shares[0], control.n, spec.confidence),
        _how(NEWCOMBE, values),
        cohen_h=cohen_h(active.value, control.value),
        bounds=_bounds(edges),
        open_bounds=_open_bounds(values, counts, groups),
    )


def share_of(
    counts: tuple[str, int, int, int],
    share: Array,
    confidence: float,
    least: float | None = None,
    most: float | None = None,
) -> ArmEndpoint:
    """An arm's share, (k,) over imputations, with Wilson's interval."""
    n = counts[1]
    if not n:
        return ArmEndpoint(*counts, None)
    value, low, high = proportion(share, n, confidence)
    return ArmEndpoint(*counts, value, None, whole(round(value * n, 9)), low, high, least=least, most=most)


def difference_of_shares(p1: Array, n1: int, p0: Array, n0: int, confidence: float) -> Estimate:
    """Newcombe's interval, and the p of the level at which it reaches 0."""
    gap = difference_of_proportions(p1, n1, p0, n0, confidence)
    if len(p1) == 1:
        p = effects.square_and_add(float(p1[0]), n1, float(p0[0]), n0, confidence=confidence).p
    else:
        p = p_of_difference(p1, n1, p0, n0)
    return Estimate(gap.estimate, gap.ci_low, gap.ci_high, p)


def _open_bounds(
    values: Array, counts: list[tuple[str, int, int, int]], groups: tuple[NDArray[np.bool_], NDArray[np.bool_]]
) -> tuple[float, float] | None:
    """The difference if all unknown in one arm reached it and none in the other, either way."""
    (_, n0, open0, _), (_, n1, open1, _) = counts
    if not open0 + open1:
        return None
    e0, e1 = (float(values[:, own].mean(axis=0).sum()) for own in groups)
    return e1 / (n1 + open1) - (e0 + open0) / (n0 + open0), (e1 + open1) / (n1 + open1) - e0 / (n0 + open0)


def _rates(
    d: Definition, v: Values, values: Array, known: NDArray[np.bool_], eligible: NDArray[np.bool_], spec: AnalysisSpec
) -> _Compared:
    groups = _groups(v, known)
    edges = _edges(d, v, groups)
    fits, messages = list[negative_binomial.RateRatio](), tuple[str, ...]()
    try:
        for total, days in zip(values[:, known], v.known_days[:, known], strict=True):
            fits.append(negative_binomial.fit(total, days, v.panel.active[known]))
    except FitError as error:
        messages = (f"{error}",)
    rates = [None, None] if messages else [float(np.mean([f.rates[k] for f in fits])) for k in (0, 1)]
    arms = [
        ArmEndpoint(*counts, *_mean_and_sd(values[:, own]), rate=rate, least=low, most=high)
        for counts, own, rate, (low, high) in zip(_counts(v, known, eligible), groups, rates, edges, strict=True)
    ]
    if messages:
        return _Compared(_pair(arms), messages=messages)
    logs, variances = np.array([[f.log_ratio] for f in fits]), np.array([[f.se**2] for f in fits])
    pooled = pool_each(logs, variances, float(known.sum() - 2))
    log_ratio, se = float(pooled.estimate[0]), float(pooled.se[0])
    _, p, low, high = t_test(log_ratio, se, float(pooled.df[0]), spec.confidence)
    ends = (None if low is None else float(np.exp(low)), None if high is None else float(np.exp(high)))
    ratio = Estimate(float(np.exp(log_ratio)), ends[0], ends[1], p)
    return _Compared(_pair(arms), ratio, _how(RATE_RATIO, values), bounds=_ratio_bounds(d, v, known))


def _ratio_bounds(d: Definition, v: Values, known: NDArray[np.bool_]) -> tuple[float, float] | None:
    """The smallest and the largest ratio of rates with unknown amounts set either way; None where all are known."""
    if v.lowest is None or v.highest is None:
        return None
    days, active = v.days_of_amounts[:, known].mean(axis=0), v.panel.active[known]
    try:
        low, high = (
            negative_binomial.fit(x[d.key][:, known].mean(axis=0), days, active) for x in (v.lowest, v.highest)
        )
    except FitError:
        return None
    return low.rates[1] / high.rates[0], high.rates[1] / low.rates[0]


def _how(method: str, values: Array) -> str:
    return POOLED.format(method) if len(values) > 1 else method


Edges = list[tuple[float | None, float | None]]


def _edges(d: Definition, v: Values, groups: tuple[NDArray[np.bool_], NDArray[np.bool_]]) -> Edges:
    """Each arm's smallest and largest mean with amounts that nobody knows set either way; None where all are known."""
    if v.lowest is None or v.highest is None or not (d.amounts or d.heavy):
        return [(None, None), (None, None)]
    both: Edges = []
    for own in groups:
        ends = [float(np.nanmean(x[d.key][:, own])) if own.any() else None for x in (v.lowest, v.highest)]
        known = sorted(e for e in ends if e is not None)
        both.append((known[0], known[-1]) if known else (None, None))
    return both


def _bounds(edges: Edges) -> tuple[float, float] | None:
    """The smallest and the largest difference that those leave."""
    (low0, high0), (low1, high1) = edges
    if low0 is None or high0 is None or low1 is None or high1 is None:
        return None
    return low1 - high0, high1 - low0


FEW_FOR_RATES = 150  # participants, below which a ratio's robust interval held the truth too seldom: endpoints.md
TOO_NARROW = (
    "with so few people the interval can be too narrow: in simulated trials of 40 who differ as much as real ones do, "
    "95% intervals held the true ratio in 91%, not in 95%"
)
UNMEASURED = "{} of {use} without a known amount"


def _warnings(d: Definition, v: Values, spec: AnalysisSpec, c: _Compared) -> list[str]:
    """What speaks against a result."""
    p, notes = v.panel, list[str]()
    if v.n_unmeasured and (d.amounts or d.heavy):
        days = UNMEASURED.format(counted(v.n_unmeasured, "day"), use=p.terms.use)
        notes.append(f"{days}: {'they count as not heavy' if d.heavy else 'they are left out'}{_either_way(d, c)}")
    if d.amounts and v.n_without_amount and not d.baseline:
        notes.append(
            f"{counted(v.n_without_amount, 'missing day')} counted as {p.terms.use}, without an amount: left out"
        )
    if d.key == "drinks_per_drinking_day":
        notes.append(f"it compares groups formed after randomisation: only those who {p.terms.used}")
    if d.kind is Kind.RATE and sum(arm.n for arm in c.arms) < FEW_FOR_RATES and c.difference.ci_low is not None:
        notes.append(TOO_NARROW)
    if c.open_bounds is not None:
        low, high = (f"{100 * end:.0f}".replace("-", "\u2212") for end in c.open_bounds)
        notes.append(f"whoever is unknown is left out; taken either way the difference is from {low} to {high} points")
    return [*notes, *(_of_levels(v, spec, c) if d.baseline else [])]


def _either_way(d: Definition, c: _Compared) -> str:
    """What the difference, or the ratio, could be with amounts that nobody knows set either way."""
    if c.bounds is None:
        return ""
    scale, digits = (100, 0) if d.unit == "percent" else (1, 2)
    low, high = (plain_number(scale * end, digits) for end in c.bounds)
    what = "ratio" if d.kind is Kind.RATE else "difference"
    unit = " points" if d.unit == "percent" else ""
    if low == high:
        return (
            f"; with next to nothing, or with each person's largest known amount, on them the {what} rounds to the same"
        )
    runs = f"the {what} runs from {low} to {high}{unit}"
    return f"; from next to nothing to each person's largest known amount on them {runs}"


def _of_levels(v: Values, spec: AnalysisSpec, c: _Compared) -> list[str]:
    """The same of WHO levels."""
    notes = short_for_levels(v, spec)
    if any(arm.n_not_eligible for arm in c.arms):
        who = " and ".join(f"{arm.n_not_eligible} {arm.arm}" for arm in c.arms if arm.n_not_eligible)
        notes.append(f"not counted, since their level before treatment was too low to fall that far: {who}")
    return notes


def short_for_levels(v: Values, spec: AnalysisSpec) -> list[str]:
    """What speaks against any WHO level here: few days, people of unknown sex, an unknown unit."""
    notes, n_after, before = list[str](), len(v.panel.days), v.people.before.days
    n_after = min(spec.assessment_days, n_after) or n_after
    n_before = 0 if before is None else before[1] - before[0] + 1
    short = [f"{n} days {what}" for n, what in ((n_before, "before"), (n_after, "after")) if n < LONG_ENOUGH]
    if short:
        notes.append(
            f"{' and '.join(short)} are short for a WHO risk level, which is usually taken over {LONG_ENOUGH} or more"
        )
    if v.boundless.any():
        groups = zip(v.panel.arms, _groups(v, v.boundless), strict=True)
        who = " and ".join(f"{int(own.sum())} {arm}" for arm, own in groups if own.any())
        notes.append(f"taken as very high after, for a missing day that counts as {v.panel.terms.use}: {who}")
    if v.people.n_sex_unknown:
        notes.append(f"sex is unknown for {counted(v.people.n_sex_unknown, 'participant')}: the men's limits are used")
    if v.people.assumed:
        many = v.panel.terms.many
        notes.append(f"no unit is declared, so one of the {many} is taken to hold {v.people.grams:g} g of alcohol")
    return notes
