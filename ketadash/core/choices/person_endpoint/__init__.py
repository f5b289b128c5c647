"""The endpoints of each participant that alcohol trials are judged by, in their order: one file an endpoint.

A new endpoint is a file that makes a `Definition`, and its line in `ENDPOINTS`.
"""

from __future__ import annotations

from ketadash.core.choices.person_endpoint import (
    abstinent_all_days,
    abstinent_last_7_days,
    abstinent_last_28_days,
    drinks_per_day,
    drinks_per_drinking_day,
    longest_abstinence,
    no_heavy_day,
    percent_days_abstinent,
    percent_heavy_days,
    total_drinks,
    who_reduction_1,
    who_reduction_2,
)
from ketadash.core.choices.person_endpoint.definition import Definition

ENDPOINTS: dict[str, Definition] = {
    module.DEFINITION.key: module.DEFINITION
    for module in (
        percent_days_abstinent,
        percent_heavy_days,
        drinks_per_day,
        drinks_per_drinking_day,
        total_drinks,
        no_heavy_day,
        abstinent_all_days,
        abstinent_last_7_days,
        abstinent_last_28_days,
        longest_abstinence,
        who_reduction_1,
        who_reduction_2,
    )
}
