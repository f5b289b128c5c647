"""(Trial, spec) → results: the only adapter from trials to kernels.

Every function here takes a trial and a *resolved* spec (`ketadash.trial.resolve`) and is remembered beside the
trial by just the choices it depends on.
"""

from ketadash.analyse.adjusted_endpoints import adjusted_endpoints
from ketadash.analyse.adjusted_events import adjusted_events
from ketadash.analyse.binary import abstinence_models, abstinence_result, heavy_result, heavy_slopes, panel_of, terms
from ketadash.analyse.dropout import dropout_ways
from ketadash.analyse.endpoint_strips import endpoint_strips
from ketadash.analyse.events import odds_of_event, time_to_event
from ketadash.analyse.every_arm import every_arm
from ketadash.analyse.holding import held
from ketadash.analyse.measures import measures_left_out, measures_result
from ketadash.analyse.missingness import missingness
from ketadash.analyse.model_check import abstinence_check, heavy_check
from ketadash.analyse.nnt import nnt_result
from ketadash.analyse.participants import participants_result, person_record
from ketadash.analyse.percent_days import percent_days_abstinent
from ketadash.analyse.person_endpoints import endpoints
from ketadash.analyse.provenance import declared_beside, exploratory, provenance
from ketadash.analyse.randomisation import shuffled_percent_days
from ketadash.analyse.responders import responders
from ketadash.analyse.safety import adverse_events_result, dissociation_result, follow_up_result
from ketadash.analyse.sensitivity import assumptions, assumptions_problem, sensitivity, sensitivity_problem
from ketadash.analyse.subgroups import subgroup_columns, subgroup_of_people, subgroups_result
from ketadash.analyse.tipping_map import strips, tipping_problem

__all__ = [
    "abstinence_check",
    "abstinence_models",
    "abstinence_result",
    "adjusted_endpoints",
    "adjusted_events",
    "adverse_events_result",
    "assumptions",
    "assumptions_problem",
    "declared_beside",
    "dissociation_result",
    "dropout_ways",
    "endpoint_strips",
    "endpoints",
    "every_arm",
    "exploratory",
    "follow_up_result",
    "heavy_check",
    "heavy_result",
    "heavy_slopes",
    "held",
    "measures_left_out",
    "measures_result",
    "missingness",
    "nnt_result",
    "panel_of",
    "participants_result",
    "percent_days_abstinent",
    "person_record",
    "provenance",
    "responders",
    "sensitivity",
    "sensitivity_problem",
    "shuffled_percent_days",
    "strips",
    "subgroup_columns",
    "subgroup_of_people",
    "subgroups_result",
    "terms",
    "odds_of_event",
    "time_to_event",
    "tipping_problem",
]
