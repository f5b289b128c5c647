"""Identifiers masked: the same trial, its participants under other names, before any page sees it.

No number changes: `Trial.masks` keeps what order and random streams go by.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace

import pandas as pd

from ketadash.core.findings import LONGEST, LONGEST_ITEM, Check, short
from ketadash.trial.model import Trial

_LETTERS = "PMQZ"  # the first with which no identifier of the file begins, so that a mask is taken for no identifier
_CUT = (40, LONGEST, LONGEST_ITEM)  # the lengths to which messages shorten long identifiers
_NUMBER = re.compile(r"\d+(\.\d+)?")
# What tells a number in a message from an identifier that is one: "line 12 (101, day 3)", "for 3 participants".
_COUNTED = (re.compile(r"(line|row|rows|day|days|than|to) $"), re.compile(r"[ \u00a0](?!and |day \d)[^\W\d_]"))


def masked(trial: Trial, secret: bytes | None = None) -> Trial:
    """The trial with masked identifiers, in its tables and in every message about it.

    Parameters
    ----------
    trial
        As read; its other columns are left as they are, whatever they hold.
    secret
        What the order of the masks is drawn from; None draws one, which nobody keeps.
    """
    tables = (trial.participants, trial.days, trial.visits, trial.adverse_events)
    shown = _masks({str(i) for t in tables if t is not None for i in t["participant_id"].unique()}, secret)
    mask_of = {short(i, most): mask for most in _CUT for i, mask in shown.items()} | shown
    return replace(
        trial,
        participants=_table(trial.participants, shown),
        days=_table(trial.days, shown),
        visits=None if trial.visits is None else _table(trial.visits, shown),
        adverse_events=None if trial.adverse_events is None else _table(trial.adverse_events, shown),
        warnings=tuple(with_masks(w, mask_of) for w in trial.warnings),
        lines=tuple(replace(line, text=with_masks(line.text, mask_of)) for line in trial.lines),
        checks=tuple(_check(c, mask_of) for c in trial.checks),
        masks={mask: i for i, mask in shown.items()},
    )


def with_masks(text: str, masks: Mapping[str, str]) -> str:
    """A message with each identifier in it replaced."""
    present = sorted((i for i in masks if i in text), key=len, reverse=True)
    if not present:
        return text
    pattern = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, present)) + r")(?!\w)")
    before, after = _COUNTED

    def other(match: re.Match[str]) -> str:
        word = match[0]
        number = _NUMBER.fullmatch(word) and (
            before.search(text[max(0, match.start() - 8) : match.start()]) or after.match(text[match.end() :][:8])
        )
        return word if number else masks[word]

    return pattern.sub(other, text)


def _masks(ids: Iterable[str], secret: bytes | None) -> dict[str, str]:
    """A mask for each identifier, numbered by a keyed hash, so that masks reveal nothing of identifiers' order."""
    key = secrets.token_bytes(32) if secret is None else secret
    order = sorted(ids, key=lambda i: hashlib.blake2b(i.encode("utf-8", "surrogatepass"), key=key).digest())
    taken = {i[:1].upper() for i in order}
    letter = next((c for c in _LETTERS if c not in taken), "Masked ")
    width = max(3, len(str(len(order))))
    return {i: f"{letter}{k:0{width}d}" for k, i in enumerate(order, 1)}


def _table(frame: pd.DataFrame, shown: Mapping[str, str]) -> pd.DataFrame:
    return frame.assign(participant_id=frame["participant_id"].map(lambda i: shown[str(i)]).astype(object))


def _check(check: Check, masks: Mapping[str, str]) -> Check:
    return replace(
        check,
        message=with_masks(check.message, masks),
        where=tuple(with_masks(w, masks) for w in check.where),
        answers=tuple(replace(a, label=with_masks(a.label, masks)) for a in check.answers),
        question=with_masks(check.question, masks),
    )
