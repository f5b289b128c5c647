"""The guard against choosing by p: outside the declared analysis a p-value says that it is one of many, or is hidden.

Every sentence on a page passes through here (`ketadash.ui.show`), so that no page can forget it; tables through
`ketadash.tables.guarded`.
"""

from __future__ import annotations

import re

from ketadash.spec import PValues

# As `words.p_value` writes them: "p", a space that does not break, perhaps a sign, and the number.
P = re.compile("\\bp\u00a0(?:[<>]\u00a0)?\\.\\d+")
MARK, HIDDEN = "†", "p\u00a0hidden"
NOTE = {
    PValues.LABELLED: "† One of many looks: outside the declared analysis a p-value does not keep its error rate.",
    PValues.HIDDEN: "p-values are hidden: this is not the declared analysis.",
}


def sentence(text: str, how: PValues) -> str:
    """A sentence with its p-values as they are, marked, or left out."""
    if how is PValues.SHOWN:
        return text
    return P.sub(HIDDEN if how is PValues.HIDDEN else lambda found: f"{found[0]}{MARK}", text)
