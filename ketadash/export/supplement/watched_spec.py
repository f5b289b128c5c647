"""An analysis that remembers which of its choices were looked at.

What is made from a frozen spec by code that draws nothing by chance depends on the choices that it looks at, and on no
others.  So what a page says can be taken over for every state that agrees in those: nothing needs to be declared, and
a page that comes to look at one choice more is made again for it by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from ketadash.core.choices.ranges import CAN_CONTRADICT, check
from ketadash.core.spec import CHOICES, AnalysisSpec

_NAMES = tuple(f.name for f in fields(AnalysisSpec))
_OF_ITS_OWN = ("_looked_at", "_changed")


class WatchedSpec(AnalysisSpec):
    """`AnalysisSpec` that notes each choice looked at, also through the specs derived from it."""

    __slots__ = _OF_ITS_OWN

    _looked_at: set[str]
    _changed: frozenset[str]

    def __post_init__(self) -> None:
        """One made by ``dataclasses.replace``, which has looked at everything, is watched for itself."""
        object.__setattr__(self, "_looked_at", set())
        object.__setattr__(self, "_changed", frozenset())
        check(self)

    def __getattribute__(self, name: str) -> Any:
        """A choice, noted unless it was set anew in a spec derived from the watched one."""
        if name in CHOICES and name not in object.__getattribute__(self, "_changed"):
            object.__getattribute__(self, "_looked_at").add(name)
        return object.__getattribute__(self, name)

    def __reduce__(self) -> Any:
        """As the plain spec that it is: nobody watches in another process."""
        return AnalysisSpec, (), (None, {name: getattr(self, name) for name in _NAMES})

    def __eq__(self, other: object) -> bool:
        """Whether the other makes the same choices, watched or not: every one is looked at, unless it is itself."""
        if other is self:
            return True
        return isinstance(other, AnalysisSpec) and plain(self) == plain(other)

    def __hash__(self) -> int:
        """As the plain one."""
        return hash(plain(self))

    def replace(self, **changes: Any) -> AnalysisSpec:
        """Another watched spec: what is set anew in it no longer depends on the state."""
        values = {name: object.__getattribute__(self, name) for name in _NAMES} | changes
        changed = object.__getattribute__(self, "_changed") | changes.keys()
        for names in CAN_CONTRADICT:
            if names & changes.keys():  # whether the change is refused depends on these choices too
                for name in names - changed:
                    getattr(self, name)
        AnalysisSpec(**values)  # for the check alone: it raises what is refused
        return _made(values, object.__getattribute__(self, "_looked_at"), frozenset(changed))


def watched(spec: AnalysisSpec) -> WatchedSpec:
    """The same analysis, watched."""
    return _made({name: getattr(spec, name) for name in _NAMES}, set(), frozenset())


def looked_at(spec: WatchedSpec) -> frozenset[str]:
    """The choices that were looked at until now."""
    return frozenset(object.__getattribute__(spec, "_looked_at"))


def plain(spec: AnalysisSpec) -> AnalysisSpec:
    """The same analysis, watched by nobody."""
    return AnalysisSpec(**{name: getattr(spec, name) for name in _NAMES}) if isinstance(spec, WatchedSpec) else spec


def _made(values: Mapping[str, Any], noted: set[str], changed: frozenset[str]) -> WatchedSpec:
    spec = object.__new__(WatchedSpec)
    for name, value in (*values.items(), ("_looked_at", noted), ("_changed", changed)):
        object.__setattr__(spec, name, value)
    return spec
