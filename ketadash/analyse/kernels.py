"""`Kernel`: one fit of one outcome in one layout, whether quadrature, random slopes or RSPL made it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketadash.results import Convergence
from ketadash.stats.slopes import RandomDays

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Kernel:
    """One fit of one outcome, whichever engine made it; `covariance` (p + 1, p + 1) is over (β, σ).

    With random slopes `effects` has their covariance's root, whose three numbers stand in the place of σ, and `sigma`
    is the intercept's SD on day 0.  With robust errors `influence` (G, p + 1) is what each participant of the rows adds
    to the parameters, in the order of their codes.
    """

    beta: Array
    sigma: float
    covariance: Array
    convergence: Convergence
    usable: bool
    minus2ll: float | None = None
    n_quadrature: int | None = None
    rho: float | None = None
    scale: float | None = None
    unclustered: bool = False  # the fit is sound, but the robust errors that were asked for cannot be computed
    effects: RandomDays | None = None
    influence: Array | None = None

    @property
    def parameters(self) -> Array:
        """What `covariance` is over."""
        if self.effects is None:
            return np.array([*self.beta, self.sigma])
        (l11, _), (l21, l22) = self.effects.root
        return np.array([*self.beta, l11, l21, l22])

    @property
    def sigma_se(self) -> float | None:
        """Standard error of `sigma`; None at its boundary."""
        if self.effects is not None:
            return self.effects.intercept_sd_se(self.covariance[-3:, -3:])
        return float(np.sqrt(self.covariance[-1, -1])) if self.covariance[-1, -1] > 0 else None
