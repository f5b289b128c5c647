"""K days of use within M days in a row."""

from __future__ import annotations

from ketadash.core.choices.endpoint.relapse_rules.kind import days_within

KIND = days_within("use", "{day}")
