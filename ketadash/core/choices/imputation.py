"""What is drawn at random (missing days, shuffled arms): bounds of the choices, and which contradict each other."""

from __future__ import annotations

from typing import Any

from ketadash.core.choices.missing import MissingRule
from ketadash.core.errors import SpecError

MOST_IMPUTATIONS = 1000
FEWEST_SHUFFLES, MOST_SHUFFLES = 19, 100_000  # with 19, p can be 0.05


def check_imputation(spec: Any) -> None:
    """Refuse ranges and contradictions among an `AnalysisSpec`'s choices of how missing days, and arms, are drawn.

    Raises
    ------
    SpecError
        With the remedy.
    """
    for arm, imor in (("control", spec.imor_control), ("active", spec.imor_active)):
        if not imor >= 0:
            raise SpecError(
                f"an informative-missingness odds ratio of {imor} for the {arm} arm: choose one from 0 (missing "
                "means drinking) through 1 (missing at random) to inf (missing means abstinent)"
            )
    if spec.missing is not MissingRule.IMOR and (spec.imor_control, spec.imor_active) != (1, 1):
        raise SpecError(
            "an informative-missingness odds ratio applies to the missing-day rule imor only; choose that rule, or "
            "leave both ratios at 1"
        )
    if not 1 <= spec.imputations <= MOST_IMPUTATIONS:
        raise SpecError(f"{spec.imputations} imputations: choose from 1 to {MOST_IMPUTATIONS}, such as 20")
    if not FEWEST_SHUFFLES <= spec.shuffles <= MOST_SHUFFLES:
        raise SpecError(f"{spec.shuffles} shuffles: choose from {FEWEST_SHUFFLES} to {MOST_SHUFFLES:,}, such as 1000")
    if not 0 <= spec.seed < 2**32:
        raise SpecError(f"a random seed of {spec.seed}: choose a whole number from 0 to {2**32 - 1}")
    if spec.dropout.about.imputed and not spec.missing.imputed:
        raise SpecError(
            "dropout can be imputed only with a missing-day rule that imputes: choose the dial, jump to reference or "
            "copy reference with it (--missing imor, jump_to_reference or copy_reference)"
        )
