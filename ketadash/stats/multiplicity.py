"""p-values of several comparisons, adjusted together."""

from __future__ import annotations

from collections.abc import Sequence


def holm(p: Sequence[float | None]) -> tuple[float | None, ...]:
    """Holm's (1979) adjusted p-values: the k-th smallest times the number not smaller, never falling, 1 at most.

    What R's ``p.adjust(p, "holm")`` gives.  One that is None stays None and counts for nothing, as NA does there.
    """
    known = sorted((value, i) for i, value in enumerate(p) if value is not None)
    adjusted: list[float | None] = [None] * len(p)
    so_far = 0.0
    for k, (value, i) in enumerate(known):
        so_far = max(so_far, min((len(known) - k) * value, 1.0))
        adjusted[i] = so_far
    return tuple(adjusted)
