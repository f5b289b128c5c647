"""A WHO risk level lower by 1 or more."""

from __future__ import annotations

from ketadash.core.choices.person_endpoint.who_levels import reduction

DEFINITION = reduction(1)
