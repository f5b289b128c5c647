"""Frozen results: what the science hands to figures, tables, words, pages and the JSON.

Probabilities are fractions (0 to 1), days are numbered as in the data, standard errors are on the scale of
their estimate, and ``None`` (never NaN) stands for what cannot be estimated.  Arms always come control first.
"""

from __future__ import annotations

from ketadash.results.daily import BinaryOutcome as BinaryOutcome
from ketadash.results.daily import CurvePoint as CurvePoint
from ketadash.results.daily import ObservedPoint as ObservedPoint
from ketadash.results.daily import OddsRatioPerDay as OddsRatioPerDay
from ketadash.results.daily import Risk as Risk
from ketadash.results.estimates import Convergence as Convergence
from ketadash.results.estimates import Counts as Counts
from ketadash.results.estimates import Estimate as Estimate
from ketadash.results.hazards import Cox as Cox
from ketadash.results.models import Coefficient as Coefficient
from ketadash.results.models import EffectTest as EffectTest
from ketadash.results.models import ModelFit as ModelFit
from ketadash.results.nnt import Nnt as Nnt
from ketadash.results.nnt import NntResult as NntResult
from ketadash.results.provenance import Provenance as Provenance
from ketadash.results.specifications import Sensitivity as Sensitivity
from ketadash.results.specifications import SensitivityRow as SensitivityRow
from ketadash.results.times import ArmsTest as ArmsTest
from ketadash.results.times import LogRank as LogRank
from ketadash.results.times import Rmst as Rmst
from ketadash.results.times import SurvivalArm as SurvivalArm
from ketadash.results.times import SurvivalPoint as SurvivalPoint
from ketadash.results.times import TimeToEvent as TimeToEvent
