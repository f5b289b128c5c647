"""The exact strips of the endpoints that count people: the verdict under every outcome of those not known."""

from __future__ import annotations

import numpy as np

from ketadash.analyse.binary import panel_of
from ketadash.analyse.memo import remembered
from ketadash.analyse.person_values import values_of, window_of, withheld, words
from ketadash.analyse.tipping_map import strip_of
from ketadash.core.choices.missing import MissingRule
from ketadash.core.choices.person_endpoint import ENDPOINTS as EVERY
from ketadash.core.choices.person_endpoint.definition import Kind
from ketadash.core.families import ENDPOINTS
from ketadash.core.findings import lowered
from ketadash.core.spec import AnalysisSpec
from ketadash.results.sensitivity import Strip
from ketadash.trial import Trial

INFINITY = float("inf")


@remembered(ENDPOINTS.without("missing", "imor_control", "imor_active"))
def endpoint_strips(trial: Trial, spec: AnalysisSpec) -> tuple[Strip, ...]:
    """A strip for each endpoint that counts people and leaves somebody unknown, whatever the missing-day rule is.

    Somebody is known who has the same answer with all missing days abstinent as with all of them used heavily.
    """
    p = panel_of(trial, spec)
    best = spec.replace(missing=MissingRule.IMOR, imor_control=INFINITY, imor_active=INFINITY)
    low, high = (values_of(trial, s) for s in (spec.replace(missing=MissingRule.NONABSTINENT), best))
    strips = []
    for key, d in EVERY.items():
        if d.kind is not Kind.COUNT or withheld(d, low, spec):
            continue
        worst, most = low.values[key][0], high.values[key][0]
        status = np.where(worst == most, worst, np.nan)[low.eligible[key]]
        texts = words(p, window_of(d, p, spec), low)
        label = d.label.format(**texts)
        definition = f"{lowered(label)}, {texts['days']}"
        strip = strip_of(key, definition, status, p.active[low.eligible[key]], p.arms, spec)
        if any(strip.unknown):
            strips.append(strip)
    return tuple(strips)
