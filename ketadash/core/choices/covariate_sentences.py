"""What the methods paragraph says of strata and of further covariates; nothing of none."""

from __future__ import annotations

from ketadash.core.findings import enumerated


def stratified(columns: tuple[str, ...]) -> str:
    """What strata enter."""
    if not columns:
        return ""
    names = enumerated(columns)
    return (
        f"Tests and hazard ratios of times to an event were within strata of {names}, shuffles too, and the models of "
        f"days were adjusted for {names}."
    )


def further(columns: tuple[str, ...]) -> str:
    """What covariates enter, and what was made of those not known."""
    if not columns:
        return ""
    return (
        f"The models of days and a hazard ratio beside the unadjusted one were further adjusted for "
        f"{enumerated(columns)}; numbers not known were taken as the mean "
        "of the others, classes not known as a class of their own."
    )
