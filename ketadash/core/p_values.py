"""The guard against choosing by p: outside the declared analysis a p-value says that it is one of many, or is hidden.

Every sentence on a page passes through here (`ketadash.ui.show`), so that no page can forget it; tables through
`ketadash.questions.shared.tables.guarded`, files through `everywhere`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ketadash.core.spec import PValues

# As `words.p_value` writes them: "p", a space that does not break, perhaps a sign, and the number.
P = re.compile("\\bp\u00a0(?:[<>]\u00a0)?\\.\\d+")
MARK, HIDDEN = "†", "p\u00a0hidden"
_PERHAPS_MARKED = re.compile(f"{P.pattern}{MARK}?")
NOTE = {
    PValues.LABELLED: "† One of many looks: outside the declared analysis a p-value does not keep its error rate.",
    PValues.HIDDEN: "p-values are hidden: this is not the declared analysis.",
}
GONE = "What would stand here speaks of p-values, which are hidden."
# A p-value that somebody else wrote, as in a report's printed numbers; and sentences that speak of one: on which side
# of a limit it lies, what it was corrected for, where it stands.
_PRINTED = re.compile(r"\bp[\s\u00a0]*(?:[=<>≤≥][\s\u00a0]*)?0?\.\d+")
_ABOUT = re.compile(
    r"\bp[\s\u00a0]+(?:is|stays|stands|below|above|under|over|between)\b|\bp[\s\u00a0]*[<>=≤≥]|\bexact p\b"
    r"|\bp-values?\b"
)
_END = re.compile(r"(?<=[.!?]) (?=[A-Z0-9])")
_COLUMN = re.compile(r"(^|[\s:_])p($|[,_])")  # "p", "Log-rank, p", "arm × day: p", "p_fisher", "test_p"


def sentence(text: str, how: PValues) -> str:
    """A sentence with its p-values as they are, marked, or left out; hidden, it is left out if it speaks of one."""
    if how is PValues.SHOWN:
        return text
    if how is PValues.LABELLED:
        return _PERHAPS_MARKED.sub(lambda match: f"{match[0].removesuffix(MARK)}{MARK}", text)
    hidden = P.sub(HIDDEN, text)
    if not (_PRINTED.search(hidden) or _ABOUT.search(hidden)):
        return hidden
    kept = [part for part in _END.split(hidden) if not _ABOUT.search(part)]
    return _PRINTED.sub(HIDDEN, " ".join(kept)) if kept else GONE


def is_p(name: str) -> bool:
    """Whether a column or a field of that name holds p-values."""
    return _COLUMN.search(name) is not None


def everywhere(value: Any) -> Any:
    """A result as plain values, such as the JSON has it, without any p-value or sentence about one."""
    if isinstance(value, Mapping):
        return {
            k: None if is_p(str(k)) and not isinstance(v, Mapping | list) else everywhere(v) for k, v in value.items()
        }
    if isinstance(value, list | tuple):
        return type(value)([everywhere(inner) for inner in value])
    return sentence(value, PValues.HIDDEN) if isinstance(value, str) else value
