"""Words that stand where a day's amount should: nothing known, none, use of an unknown amount, yes and no."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from ketadash.trial.recognise import EMPTY, UNKNOWN_WORDS

# Answers to what an empty cell, or a word that may mean one, says of its day.
NOT_KNOWN, NOTHING_USED = "not known: the day is missing", "nothing was used that day"
_LONGEST = 80  # characters of a cell that may be such a word
# Whole cells only: in a sentence these letters may mean anything.
_UNKNOWN_SIGNS = frozenset(
    ["dk", "d/k", "rf", "ref", "nr", "n/r", "nk", "n/k", "unk", "?", "??", "n.a.", "n.k.", "nd", "n/d"]
)
_USE_OF_UNKNOWN = re.compile(
    r"\b(drank|drunk|(drinking|use) day|use of|used|consumed|yes)\b.*\b(unknown|unsure|unspecified|unable|can(not|.?t)|"
    r"not (known|sure|recorded|reported|stated)|do(es)?(n.?t| not) (know|recall|remember))|"
    r"\bunknown (amount|quantity|number) (of|used|drunk|consumed)",
    re.IGNORECASE,
)
_YES = re.compile(r"[yt]|ja|oui|s[ií]|(yes|true|positive|pos)\b.*", re.IGNORECASE)
_NO = re.compile(
    r"[nf]|nein|non|nee|(no|false|negative|neg)\b(?! (answer|data|response|information|reply|recall)).*", re.IGNORECASE
)
_USE = re.compile(
    r"(drank|drinking( day)?|any (use|drinking|alcohol|drinks?)|used?( day)?|(some|any) drinks?)\b.*", re.IGNORECASE
)
_NONE = re.compile(
    r"(none|nil|zero|nothing|sober|abstinen(t|ce)|abstained|non-?drinking( day)?|did( not|n.?t) (drink|use)|"
    r"no (drinks?|drinking|alcohol|use|units?)|not drinking|alcohol[- ]free)\b.*",
    re.IGNORECASE,
)


class Word(StrEnum):
    """What a word says about a day."""

    UNKNOWN = "nothing is known"
    USE_OF_UNKNOWN = "use of an unknown amount"
    YES = "yes"
    NO = "no"
    USE = "use"
    NONE = "no use"


def word_of(text: str) -> Word | None:
    """What a cell or a value label says; None where it is no such word (a number, an empty cell, anything else)."""
    word = text.strip()
    if not word or len(word) > _LONGEST:
        return None
    if word.lower() in _UNKNOWN_SIGNS:
        return Word.UNKNOWN
    if word.lower() in EMPTY and word.lower() != "none":
        return None
    if _USE_OF_UNKNOWN.search(word):
        return Word.USE_OF_UNKNOWN
    if UNKNOWN_WORDS.search(word):
        return Word.UNKNOWN
    for pattern, meaning in ((_NONE, Word.NONE), (_USE, Word.USE), (_YES, Word.YES), (_NO, Word.NO)):
        if pattern.fullmatch(word):
            return meaning
    return None


def words_of(texts: list[str], labels: Mapping[str, str]) -> dict[str, Word]:
    """Cell → what it says, by its value label where the file has one, else by itself."""
    by_number = {_number(code): label for code, label in labels.items()}
    word_of_text = {t: word_of(by_number.get(_number(t), t)) for t in texts}
    return {t: word for t, word in word_of_text.items() if word is not None}


def _number(text: str) -> str:
    """A code without the decimals that a program adds: -9.0 is -9."""
    return re.sub(r"\.0+$", "", text.strip())
