"""Abstinent on each of the last 28 days."""

from __future__ import annotations

from ketadash.core.choices.person_endpoint.last_days import abstinent_at_the_end

DEFINITION = abstinent_at_the_end(28)
