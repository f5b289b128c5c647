"""Made-up results of what else happened, for the figures' and the words' tests."""

from dataclasses import replace

import numpy as np

from ketadash.results import Convergence, Counts, EffectTest, Estimate, ModelFit
from ketadash.results.safety import (
    AdverseEvent,
    AdverseEvents,
    Dissociation,
    EventArm,
    FollowUp,
    FollowUpArm,
    MeanPoint,
    Measure,
    RankTest,
    ScoreArm,
    WeeklyChange,
)

ARMS = ("Midazolam", "Ketamine")


def event(name="sedation", arms=ARMS, counts=(12, 8)):
    control, active = (EventArm(a, k, n, k + 1, (("mild", k),)) for a, k, n in zip(arms, counts, (23, 17), strict=True))
    return AdverseEvent(name, (control, active), Estimate(-0.05, -0.33, 0.24))


def events(arms=ARMS, names=("sedation", "headache", "a very long name of an event that nobody can read")):
    return AdverseEvents(
        arms,
        0.95,
        tuple(event(n, arms, (12 - i, 8 - i)) for i, n in enumerate(names)),
        event("any event", arms, (14, 12)),
        0,
    )


def dissociation(arms=ARMS):
    scores = (0.0, 0.0, 0.0, 2.0, 9.25), (9.0, 19.0, 19.0, 30.75)
    control, active = (ScoreArm(a, len(v), 1, v[2], v[1], v[3], v) for a, v in zip(arms, scores, strict=True))
    return Dissociation(
        "participants, cadss",
        0.95,
        (control, active),
        RankTest(7.87, 1, 0.005),
        "abstinent on day 21",
        Estimate(1.11, 0.99, 1.24, 0.068),
        38,
        20,
    )


def follow_up(arms=ARMS):
    made = (
        FollowUpArm(arms[0], 23, 11, 3, Estimate(3 / 11, 0.06, 0.61), 3 / 23, 15 / 23),
        FollowUpArm(arms[1], 17, 8, 6, Estimate(0.75, 0.35, 0.97), 6 / 17, 15 / 17),
    )
    return FollowUp("followup_6m_abstinent", 0.95, made, Estimate(0.48, 0.03, 0.73), (-0.3, 0.75))


def measure(arms=ARMS, label="craving", usable=True):
    tests = (EffectTest("week:arm", 1.4, 1, 73, 0.24),) if usable else ()
    model = ModelFit(
        "RSPL",
        "log E(craving) ~ …",
        114,
        39,
        None,
        Convergence(usable, 5, 1e-9),
        0.4,
        None,
        0.3,
        0.1,
        None,
        None,
        None,
        (),
        tests,
        np.zeros((2, 2)),
        np.zeros(1),
        usable,
        73,
        None,
        None,
    )
    observed = [MeanPoint(a, w, 20 - w, 50.0 - 5 * w + 3 * k, 3.0) for k, a in enumerate(arms) for w in range(4)]
    observed[3] = replace(observed[3], n=1, se=None)
    modelled = (
        [
            MeanPoint(a, w, None, 51.0 - 5 * w + 3 * k, 2.5, 46.0 - 5 * w, 57.0 - 5 * w)
            for k, a in enumerate(arms)
            for w in (1, 2, 3)
        ]
        if usable
        else []
    )
    change = tuple(WeeklyChange(a, 0.9, 0.8, 1.01, 0.07) for a in (*arms, "difference")) if usable else ()
    return Measure(
        label,
        label,
        "log",
        arms,
        (1, 2, 3),
        0.95,
        "population",
        model,
        tuple(observed),
        tuple(modelled),
        change,
        Counts(39, 114, 0, 6),
    )
