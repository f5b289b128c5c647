"""One of the data's own names to choose: from a list while it is short, written or looked for where there are many.

A list is sent to the browser whole, at every run: 20,000 identifiers in a dozen lists were megabytes a click.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from weakref import WeakKeyDictionary

import streamlit as st

from ketadash.analyse import subgroup_columns
from ketadash.core.errors import KetadashError
from ketadash.trial import Trial, amount_columns, baseline_columns, population, resolve, test_columns
from ketadash.trial.covariates import ADJUST_FOR, STRATA, offered

MOST = 200  # names in a list
_names: WeakKeyDictionary[Trial, Mapping[str, tuple[str, ...]]] = WeakKeyDictionary()


def too_many(names: Sequence[str]) -> bool:
    """Whether there are more names than a list may have."""
    return len(names) > MOST


def to_write(names: Sequence[str]) -> str:
    """What is said where a name is written instead of chosen."""
    return f"There are {len(names):,} to choose from: write the name as it stands in the file."


def matching(label: str, names: Sequence[str], chosen: str | None, *, key: str) -> list[str]:
    """The names for a list: all of them, or those that hold what is looked for, as many as a list may have.

    Parameters
    ----------
    label
        Of the box in which a part of a name is written, where there are too many.
    names
        In the order in which they are shown.
    chosen
        What is chosen already, which stays in the list.
    key
        The box's.
    """
    if not too_many(names):
        return list(names)
    part = st.text_input(label, key=key, placeholder="a part of the name", max_chars=100, width=320).strip().casefold()
    matches = [name for name in names if part in name.casefold()]
    kept = matches[:MOST]
    if len(matches) > MOST:
        st.markdown(f":small[The first {MOST} of {len(matches):,} are in the list: write a part of the name.]")
    return kept if chosen is None or chosen in kept or chosen not in names else [chosen, *kept]


def must_choose(trial: Trial) -> bool:
    """Whether the trial cannot be analysed without a choice of arms, days or columns."""
    try:
        resolve(trial, trial.declared.published)
    except KetadashError:
        return True
    return False


def names_in(trial: Trial) -> Mapping[str, tuple[str, ...]]:
    """The data's own names, by the field of the analysis that takes one of them, or several.

    Each control asks, and so does each state one choice away: every column would be counted a hundred times a click.
    """
    if (names := _names.get(trial)) is None:
        names = _names[trial] = MappingProxyType(_looked_up(trial))
    return names


def _looked_up(trial: Trial) -> dict[str, tuple[str, ...]]:
    columns = {"amount": amount_columns(trial), "baseline": baseline_columns(trial), "tests": test_columns(trial)}
    columns |= {kind: offered(trial, kind) for kind in (STRATA, ADJUST_FOR)}
    columns |= {"population": population.offered(trial), "subgroup": subgroup_columns(trial)}
    return {"control": trial.arms, "active": trial.arms, **columns}
