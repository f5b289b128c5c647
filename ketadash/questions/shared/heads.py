"""Heads of columns that tables of several questions have."""

AR1 = "AR(1) correlation ρ"
DAYS_USED = "Days used (filled in)"
DIFFERENCE_POINTS = "Difference (points)"
NO_ANSWER = "Shuffles without an answer"
