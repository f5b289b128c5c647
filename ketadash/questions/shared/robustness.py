"""How far a result holds, in words: the one sentence of the Overview, Missing days, Every specification and slides."""

from __future__ import annotations

from ketadash.core.numbers import point_span
from ketadash.core.terms import Terms
from ketadash.results.robustness import Robustness, Share

NOT_NEW = "All of them look at the same data: agreement is not new evidence."


MISSING_DAYS, DROPOUT = "by missing days", "by dropout"
PLAIN = {"event": "relapse", "competing": "a competing event"}  # as they stand in a sentence


def in_brackets(r: Robustness, what: str, terms: Terms) -> str:
    """What carries the count: `` (by missing days: drinking 8 of 8; left out 4 of 8, all by RSPL)``."""
    if len(r.shares) < 2 or not r.n_clear:
        return ""
    if all(s.n == 1 for s in r.shares):  # each assumption is a single analysis
        clear = [option(s.option, terms) for s in r.shares if s.n_clear]
        return f" ({listed(clear)})" if len(clear) < len(r.shares) else ""
    return f" ({what}: {'; '.join(_share(s, terms) for s in r.shares)})"


def opposed(r: Robustness, terms: Terms, word: str = "In") -> str:
    """That some are clear the other way, as a sentence after a space; "" where none is.

    X:BOT's own analysis is one: "0 of the 4 that favour naltrexone are clear" said nothing of it.
    """
    if not r.n_opposed:
        return ""
    named = [option(s.option, terms) for s in r.shares if s.n_opposed]
    return f" {word} {r.n_opposed} of the others ({listed(named)}) it lies wholly on the other side of zero."


def _share(s: Share, terms: Terms) -> str:
    by = f", {'all' if s.n_clear > 1 else 'the one'} by {terms.worded(s.by)}" if s.by else ""
    return f"{option(s.option, terms)} {s.n_clear} of {s.n}{by}"


def option(name: str, terms: Terms) -> str:
    """An option of missing days or dropout, as it stands in a sentence."""
    return PLAIN.get(name) or terms.worded(name)


def listed(names: list[str], word: str = "and") -> str:
    """``drinking, missing and last carried forward``."""
    return f" {word} ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def same(r: Robustness, terms: Terms) -> str:
    """Which assumptions are the same in these data, as a sentence after a space; empty where none are."""
    groups = [f"{listed([option(o, terms) for o in group])} are the same" for group in r.same]
    return f" In these data {', and '.join(groups)}: each is counted once." if groups else ""


def span(r: Robustness) -> str:
    """``19 to 33``, in percentage points."""
    assert r.lowest is not None and r.highest is not None
    return " to ".join(point_span(r.lowest, r.highest))
