"""Our answer beside R's on data that R has seen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Beside:
    """One number by us, computed now, and by R; `tolerance` is how far apart the tests let them be."""

    quantity: str
    ours: float
    r: float
    tolerance: float

    @property
    def difference(self) -> float:
        """Ours less R's."""
        return self.ours - self.r

    @property
    def agrees(self) -> bool:
        """Whether that is within what is promised."""
        return abs(self.difference) <= self.tolerance


@dataclass(frozen=True, slots=True)
class Comparison:
    """A method's numbers beside R's.

    `against` names R and its packages, `data` the data used, and `script` the file with the R code.
    """

    method: str
    against: str
    data: str
    script: str
    rows: tuple[Beside, ...]
