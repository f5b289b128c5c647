"""The steps of the analysis at which a choice can come in."""

from __future__ import annotations

from enum import Enum, auto


class Step(Enum):
    """A step; a choice names those at which it comes in, and `ketadash.core.families` says which results need which."""

    DAYS = auto()  # who, on which days, and what was used on them
    HEAVY_DAYS = auto()  # which days are heavy
    ABSTINENCE_DRAWS = auto()  # what is drawn for missing days: abstinent or not
    ABSTINENCE_FILLED = auto()  # how the draws fill them
    ABSTINENCE_FIT = auto()  # the model of abstinent days
    ABSTINENCE_READ = auto()  # what its curves, odds ratios and NNT are read off as
    HEAVY_DRAWS = auto()  # the same of heavy days
    HEAVY_FILLED = auto()
    HEAVY_FIT = auto()
    HEAVY_READ = auto()
    PERSONS = auto()  # each participant's percent of days abstinent
    TIMES = auto()  # time to relapse and the other endpoints
    DROPOUT_WAYS = auto()  # the readings of dropout side by side
    PARTICIPANTS = auto()  # who they were and who stayed
    ENDPOINTS = auto()  # each participant's endpoints, such as no heavy day
    SHUFFLES = auto()  # shuffled arms
    SUBGROUPS = auto()  # effects by level of a characteristic
