"""Another value for every choice of an analysis, once, for all tests that go through the choices.

A new field of `AnalysisSpec` gets its line here; the tests of the memo, the command line, the sidebar, links, `Code`
and the methods paragraph then go through it too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ketadash.core.choices.dropout import DropoutRule
from ketadash.core.choices.missing import MissingRule
from ketadash.core.choices.model import Estimand, Estimator, ReadingOfTests, Scale, Trend, Uncertainty
from ketadash.core.choices.subgroup_choices import SubgroupEndpoint
from ketadash.core.choices.window import Window


@dataclass(frozen=True)
class Other:
    """A value other than the default, a part of the JSON that it changes, and what else must be chosen for that."""

    value: Any
    part: str
    needs: Mapping[str, Any] = field(default_factory=dict)


IMPUTED = {"missing": MissingRule.IMOR}
OTHER = {
    "control": Other("ketamine", "abstinence", {"active": "midazolam"}),
    "active": Other("midazolam", "nnt", {"control": "ketamine"}),
    "days": Other(Window(1, 14), "abstinence"),
    "amount": Other("halves", "heavy"),  # a column that the tests of the command line add to the sample
    "baseline": Other("baseline_heavy_days", "abstinence"),
    "population": Other("sex=F", "abstinence"),
    "strata": Other(("family_history",), "time_to_event"),
    "adjust_for": Other(("age",), "abstinence"),
    "missing": Other(MissingRule.MISSING, "abstinence"),
    "imor_control": Other(0.5, "nnt", IMPUTED),
    "imor_active": Other(2.0, "heavy", IMPUTED),
    "imputations": Other(5, "abstinence", IMPUTED),
    "seed": Other(2, "nnt", IMPUTED),
    "etg": Other(False, "abstinence"),
    "tests": Other("breath", "abstinence"),  # the same
    "tested": Other(ReadingOfTests.WEEK, "abstinence"),
    "heavy_men": Other(6.0, "heavy"),
    "heavy_women": Other(5.0, "heavy"),
    "trend": Other(Trend.LINEAR, "nnt"),
    "adjust": Other(False, "abstinence"),
    "estimator": Other(Estimator.RSPL, "nnt"),
    "scale": Other(Scale.FIXED, "heavy"),
    "quadrature_points": Other(201, "abstinence"),
    "penalised": Other(True, "abstinence"),
    "estimand": Other(Estimand.TYPICAL, "nnt"),
    "uncertainty": Other(Uncertainty.ROBUST, "nnt"),
    "dropout": Other(DropoutRule.CENSORED, "time_to_event"),
    "relapse": Other("use:2in7", "time_to_event"),
    "relapse_from": Other(8, "time_to_event"),
    "tau": Other(9, "time_to_event"),
    "subgroup": Other("sex", "subgroups"),
    "subgroup_cut": Other(45.0, "subgroups", {"subgroup": "age"}),
    "subgroup_endpoint": Other(SubgroupEndpoint.PERCENT_DAYS, "subgroups", {"subgroup": "sex"}),
    "confidence": Other(0.8, "abstinence"),
    "grace": Other(5, "endpoints"),
    "assessment_days": Other(7, "endpoints"),
    "baseline_days": Other(3, "endpoints"),
    "drink_grams": Other(30.0, "endpoints"),
    "shuffles": Other(60, "randomisation"),
}
VALUES = {name: other.value for name, other in OTHER.items()}
