"""Made-up results with realistic numbers, for the figures' tests and for looking at."""

import math
from types import SimpleNamespace

import numpy as np

from ketadash.results import (
    ArmsTest,
    BinaryOutcome,
    Counts,
    Cox,
    CurvePoint,
    Estimate,
    LogRank,
    Nnt,
    NntResult,
    ObservedPoint,
    OddsRatioPerDay,
    Risk,
    Rmst,
    Sensitivity,
    SensitivityRow,
    SurvivalArm,
    SurvivalPoint,
    TimeToEvent,
)
from ketadash.stats.effects import wilson

ARMS = ("Midazolam", "Ketamine")
COUNTS = Counts(40, 840, 63, 63)


def _logistic(x):
    return 1 / (1 + math.exp(-x))


def curve(arms=ARMS, last=21, ends=(-0.35, 0.35), se=0.09):
    points = []
    for arm, end in zip(arms, ends, strict=True):
        for day in range(1, last + 1):
            p = _logistic(0.2 + (end - 0.2) * 3.2 * day / last)
            points.append(CurvePoint(arm, day, p, se, max(p - 1.96 * se, 0.001), min(p + 1.96 * se, 0.999)))
    return tuple(points)


def difference(modelled, arms=ARMS):
    by = {(p.arm, p.day): p.probability for p in modelled}
    days = sorted({p.day for p in modelled})
    return tuple(
        CurvePoint("difference", d, v := by[arms[1], d] - by[arms[0], d], 0.11, v - 0.2156, v + 0.2156) for d in days
    )


def observed(modelled, ns=(23, 17), seed=1):
    rng = np.random.default_rng(seed)
    arms = list(dict.fromkeys(p.arm for p in modelled))
    out = []
    for p in modelled:
        n = ns[arms.index(p.arm)]
        q = rng.binomial(n, p.probability) / n
        ends = wilson(round(q * n), n)
        se = math.sqrt(q * (1 - q) / n)
        out.append(ObservedPoint(p.arm, p.day, n, int(rng.integers(0, 4)), q, se, ends.ci_low, ends.ci_high))
    return tuple(out)


def binary(outcome="abstinence", arms=ARMS, last=21, ends=(-0.35, 0.35), linear=False):
    modelled = curve(arms, last, ends)
    ratios = (
        tuple(OddsRatioPerDay(a, None, e, e * 0.93, e * 1.08, 0.02) for a, e in zip(arms, (0.89, 1.04), strict=True))
        if linear
        else tuple(
            OddsRatioPerDay(a, d, e := s * (1 + k * (d - 11) / 100), e * 0.86, e * 1.16, 0.02)
            for a, s, k in zip(arms, (0.89, 1.04), (1.5, 1.7), strict=True)
            for d in (1, 6, 11, 16, 21)
            if d <= last
        )
    )
    return BinaryOutcome(
        outcome,
        arms,
        (1, last),
        SimpleNamespace(usable=True, n_imputations=None, clusters=None, convergence=SimpleNamespace(ok=True)),
        "quadratic",
        "population",
        0.95,
        observed(modelled),
        modelled,
        difference(modelled, arms),
        ratios,
        {arms[0]: 0.41, arms[1]: 0.63},
        COUNTS,
    )


def _steps(arm, n, leaving):
    at_risk, survival = n, 1.0
    points = [SurvivalPoint(arm, 0, n, 0, 0, 1.0, 1.0, 1.0)]
    for day, events, censored in leaving:
        survival *= 1 - events / at_risk
        se = 0.09 * (1 - survival) ** 0.5
        interval = (None, None) if survival == 0 else (max(survival - 2 * se, 0.0), min(survival + 2 * se, 1.0))
        points.append(SurvivalPoint(arm, day, at_risk, events, censored, survival, *interval))
        at_risk -= events + censored
    return points


def time_to_event(arms=ARMS, endpoint="relapse", window=(1, 21)):
    curve = _steps(
        arms[0],
        23,
        [
            (1, 1, 0),
            (2, 2, 0),
            (3, 1, 0),
            (5, 2, 0),
            (6, 1, 1),
            (9, 2, 0),
            (12, 1, 0),
            (15, 1, 1),
            (17, 1, 0),
            (21, 0, 9),
        ],
    )
    curve += _steps(arms[1], 17, [(4, 1, 0), (11, 1, 0), (14, 1, 1), (19, 0, 2), (21, 0, 11)])
    return TimeToEvent(
        endpoint,
        "first heavy day or dropout",
        window,
        0.95,
        "log-log",
        (SurvivalArm(arms[0], 23, 12, 11, 15.0, (5.0, None)), SurvivalArm(arms[1], 17, 3, 14, None, (None, None))),
        tuple(curve),
        LogRank(4.2, 1, 0.04),
        Cox(0.29, 0.08, 1.02, 0.054),
        Rmst(21, {arms[0]: (13.9, 1.6), arms[1]: (18.9, 1.1)}, Estimate(5.0, 1.2, 8.8, 0.01)),
        Estimate(-0.35, -0.62, -0.07, 0.01),
        COUNTS,
        "event",
        "Kaplan–Meier",
        ArmsTest.LOG_RANK,
        "Kaplan–Meier",
    )


def nnt_row(name="observed", definition="abstinent on all 21 days", rd=0.22, low=-0.08, high=0.47):
    through, within = f"NNTB {1 / high:.1f} to ∞ to NNTH {-1 / low:.1f}", f"NNTB {1 / rd:.1f} ({1 / high:.1f} to …)"
    return Nnt(
        name,
        definition,
        "",
        0.3 + rd,
        0.3,
        rd,
        low,
        high,
        1 / rd,
        through if low < 0 else within,
        "Newcombe",
        (Risk(ARMS[0], 7, 23), Risk(ARMS[1], 9, 17)),
    )


def nnt(arms=ARMS):
    return NntResult(
        arms,
        0.95,
        nnt_row(),
        nnt_row("observed_last_day", "abstinent on day 21", 0.312, 0.02, 0.56),
        nnt_row("modelled", "population-averaged probability of abstinence on day 21", 0.46, 0.18, 0.74),
        difference(curve(arms), arms),
        COUNTS,
    )


def sensitivity(arms=ARMS):
    rows = [
        ("drinking", 0.46, 1.42, 840),
        ("missing", 0.33, 1.31, 777),
        ("last carried forward", 0.41, 1.38, 840),
        ("imputed (like reported)", 0.35, 1.33, 840),
        ("jump to reference", 0.29, 1.22, 840),
        ("best case", 0.46, 1.42, 840),
        ("worst case", 0.15, 1.08, 840),
    ]
    made = [
        SensitivityRow(
            (label,),
            {} if i == 0 else {"trend": "linear"},
            i == 0,
            Estimate(d, d - 0.28, d + 0.28, 0.01),
            Estimate(b, b / 1.1, b * 1.1, 0.004),
            n,
            840 - n if n == 840 else 0,
            kind="bound" if "case" in label else "sensitivity",
        )
        for i, (label, d, b, n) in enumerate(rows)
    ]
    none = Estimate(None, None, None)
    made.append(
        SensitivityRow(
            ("copy reference",),
            {"missing": "missing"},
            False,
            none,
            none,
            777,
            0,
            (),
            "the model did not converge: an arm is abstinent throughout",
        )
    )
    return Sensitivity(arms, 21, 0.95, tuple(made))
