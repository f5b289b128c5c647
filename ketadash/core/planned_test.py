"""By which p a planned trial is judged, and what is simulated unless said: for the command line and the engine."""

from __future__ import annotations

from enum import StrEnum

SHUFFLES = 199  # of each simulated trial: whatever their number the test holds its level
REPLICATES = 1_000  # simulated trials a point
ALPHA = 0.05


class PlannedTest(StrEnum):
    """By which p a simulated trial is judged."""

    MODEL = "model"
    ROBUST = "robust"
    RANDOMISATION = "randomisation"
