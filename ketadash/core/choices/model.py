"""How the models are fitted and read: time trend, estimator, standard errors, and whose probability a curve shows."""

from __future__ import annotations

from enum import StrEnum


class Trend(StrEnum):
    """Which of the two fitted time trends the curves, odds ratios and NNT come from."""

    LINEAR = "linear"
    QUADRATIC = "quadratic"


class Estimand(StrEnum):
    """Whose probability a modelled curve shows."""

    POPULATION = "population"
    TYPICAL = "typical"


class Estimator(StrEnum):
    """How the abstinence model behind the curves is fitted."""

    QUADRATURE = "quadrature"
    RSPL = "rspl"
    SLOPE = "slope"


class Scale(StrEnum):
    """Whether the residual scale φ of a pseudo-likelihood fit of yes/no days is estimated."""

    FREE = "free"
    FIXED = "fixed"


class Uncertainty(StrEnum):
    """What the models' standard errors rest on."""

    MODEL = "model"
    ROBUST = "robust"


class ReadingOfTests(StrEnum):
    """What a positive test says of the days around it, and a test not taken of its week."""

    DAYS = "days"
    WEEK = "week"
    REQUIRED = "required"
