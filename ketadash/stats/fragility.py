"""How many people's outcomes would have to differ before Fisher's exact test changed its verdict (Walsh et al. 2014).

Its caveat: the count follows p and n, and says little that they do not (Carter, McKie & Storlie 2017); it speaks of a
threshold, not of how likely such changes are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ketadash.stats.exact import fisher


@dataclass(frozen=True, slots=True)
class Fragility:
    """`flips` outcomes in one arm change whether p is below alpha; `significant` is the verdict as it stands."""

    flips: int
    n: int
    significant: bool
    p: float


def fragility(e1: int, n1: int, e0: int, n0: int, alpha: float = 0.05) -> Fragility | None:
    """The fewest changed outcomes within one arm that change the verdict; None where none can, or an arm is empty.

    Parameters
    ----------
    e1, n1, e0, n0 : events and people, active and control
    """
    if n1 == 0 or n0 == 0:
        return None
    p = float(fisher(np.array(e1), n1, np.array(e0), n0))
    significant = p < alpha
    active, control = np.arange(n1 + 1), np.arange(n0 + 1)
    changed = [
        np.abs(active - e1)[(fisher(active, n1, np.array(e0), n0) < alpha) != significant],
        np.abs(control - e0)[(fisher(np.array(e1), n1, control, n0) < alpha) != significant],
    ]
    flips = np.concatenate(changed)
    return Fragility(int(flips.min()), n1 + n0, significant, p) if flips.size else None
