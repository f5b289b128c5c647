"""A WHO risk level lower by 2 or more."""

from __future__ import annotations

from ketadash.core.choices.person_endpoint.who_levels import reduction

DEFINITION = reduction(2)
