"""How far an outcome's result holds, in words: on which assumptions about missing days, or dropout, it depends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ketadash import analyse
from ketadash.analyse import holding, long_work
from ketadash.core.choices.dropout import DropoutRule
from ketadash.core.choices.missing import LEFT_OUT, LIKE_REPORTED, MissingRule
from ketadash.core.findings import lowered
from ketadash.core.numbers import level
from ketadash.core.terms import Terms
from ketadash.questions.question import Block, Growing, Holds, Material
from ketadash.questions.shared.robustness import listed
from ketadash.questions.shared.words import not_estimated
from ketadash.results.robustness import Held, Share, side

SUBJECT = {
    holding.ABSTINENCE: "the modelled difference on day {last}",
    holding.NNT: "the difference in abstinence on all days",
    holding.HEAVY: "the ratio of the arms' trends",
    holding.RELAPSE: "the difference in the share relapsed by day {last}",
}
# How missing days are taken under a rule, behind "they are"; any other rule counts them as its label.
TAKEN = {
    MissingRule.MISSING.about.label: LEFT_OUT,
    MissingRule.LOCF.about.label: "carried forward",
    MissingRule.IMOR.about.label: f"imputed {LIKE_REPORTED}",
    MissingRule.JUMP_TO_REFERENCE.about.label: "imputed by jump to reference",
    MissingRule.COPY_REFERENCE.about.label: "imputed by copy reference",
}
MISSING_DAYS, DROPOUT = "the missing days", "dropout"
NOUNS = {MISSING_DAYS: ("missing days are", "they are"), DROPOUT: ("dropout is", "it is")}
MOST_WORDS = 40  # of a sentence, if there is a shorter way to say it
MOST_NAMED = 3  # ways to count that a sentence names; if the rest are more, it says how many
# how days or dropout are counted, and on which side of no difference the interval then lies
Cases = Sequence[tuple[str, int]]


# --- the line on a page, and on a card -------------------------------------------------------------------------------


def computation(outcome: str) -> str:
    """What the analyses behind an outcome's line are called."""
    return f"holding {outcome}"


def line(m: Material, outcome: str) -> Iterator[Block]:
    """How far the outcome's result holds, as a block that grows while the rules are computed."""
    result = analyse.held(m.trial, m.spec, outcome, {})
    if result is None:
        return
    if outcome == holding.RELAPSE or not result.n_open:
        yield Holds(holds(result))
        return

    def shown(result: Held) -> Iterator[Block]:
        another = outcome == holding.ABSTINENCE and m.another_day is not None
        yield Holds(f"{holds(result)}{f' That is of the last day, not of day {m.another_day}.' if another else ''}")

    def make() -> Held | None:
        return analyse.held(m.trial, m.spec, outcome, holding.rows_of(m.trial, m.spec, outcome))

    yield Growing(computation(outcome), shown, make)


def of_card(m: Material, outcome: str) -> str:
    """The line of an outcome's card, as far as it is computed; nothing is started."""
    so_far = {} if outcome == holding.RELAPSE else long_work.rules_so_far(m.trial, m.spec, outcome)
    result = analyse.held(m.trial, m.spec, outcome, so_far)
    return "" if result is None else on_card(result)


# --- in words --------------------------------------------------------------------------------------------------------


def holds(h: Held) -> str:
    """Whether the interval includes no difference whichever way the open days or dropouts are taken."""
    if not h.n_open:
        return _nothing_open(h)
    if h.n_done < h.n_planned:
        return (
            f"So far, {h.n_done} of {h.n_planned} ways to count the missing days are computed; what they give "
            "together follows once all are."
        )
    r, failed = h.reckoned, not_estimated(h.reckoned.n_failed)
    if not r.n:
        return f"Nothing could be estimated, however {_noun(h)} counted."
    if r.n == 1 and r.n_repeats:
        return f"{_every_way(_open(h), r.n_failed)}, {_subject(h)} is the same.{_extremes(h)}{failed}"
    interval = f"the {'robust ' if h.clusters else ''}{level(h.confidence)} of {_subject(h)}"
    return f"{depends(_cases(h), _open(h), interval, _null(h), n_failed=r.n_failed)}{_extremes(h)}{failed}"


def on_card(h: Held) -> str:
    """The same in few words."""
    if not h.n_open:
        return _nothing_open(h)
    if not h.n_done:  # a card begins nothing
        return "How far it holds: computed when its page is opened."
    if h.n_done < h.n_planned:
        return f"How far it holds: {h.n_done} of {h.n_planned} ways to count the missing days computed so far."
    cases, noun = _cases(h), _noun(h)
    sides = {s for _, s in cases}
    # the card leads with a ratio of hazards, and what holds is a difference
    of = "" if h.outcome != holding.RELAPSE else "Difference in the share relapsed: "
    if not sides:
        text = "Not to be estimated."
    elif len(sides) == 1:
        where = f"however {noun} counted" if not h.reckoned.n_failed else "in every way that could be estimated"
        text = f"{'Clear' if sides != {0} else 'Not clear'} {where}."
    elif {1, -1} <= sides:
        text = f"{'Its' if not of else 'The'} direction depends on how {noun} counted."
    else:
        text = f"Depends on {_open(h)}: clear where {_where(cases, 1, -1)}, not where {_where(cases, 0)}."
    return f"{of}{lowered(text) if of else text}"


def _every_way(on: str, n_failed: int) -> str:
    """Of all ways to count, or of all but the `n_failed` that have no estimate."""
    return f"In every way to count {on} that could be estimated" if n_failed else f"However {NOUNS[on][0]} counted"


def depends(cases: Cases, on: str, interval: str, null: str = "zero", *, n_failed: int = 0) -> str:
    """Whether an interval includes no difference in all cases, and else in which; `on` is what they differ in.

    All of that is one sentence: a slide that cuts a text leaves out whole sentences, and the half would mislead.
    """
    noun, pronoun = NOUNS[on]
    sides = {s for _, s in cases}
    if len(sides) == 1:
        verb = "does not include" if sides != {0} else "includes"
        return f"{_every_way(on, n_failed)}, {interval} {verb} {null}."
    opening = f"The result depends on {on}: {interval}"
    if {1, -1} <= sides:
        rest = f", and includes {null} where {pronoun} {_where(cases, 0)}" if 0 in sides else ""
        return (
            f"{opening} lies above {null} where {pronoun} {_where(cases, 1)}, below {null} where {pronoun} "
            f"{_where(cases, -1)}{rest}."
        )
    whole = _contrast(cases, opening, pronoun, null)
    short = f"{interval[:1].upper()}{interval[1:]}"
    return whole if len(whole.split()) <= MOST_WORDS else _contrast(cases, short, noun, null)


def _contrast(cases: Cases, opening: str, they_are: str, null: str) -> str:
    """In which cases an interval lies beside no difference, and in which it includes it.

    Of the larger half it says how many they are, where naming them would be long.
    """
    n_clear, n_unclear = (sum(1 for _, s in cases if (s != 0) == clear) for clear in (True, False))
    clear, unclear = _where(cases, 1, -1), _where(cases, 0)
    whole = f"{opening} does not include {null} where {they_are} {clear}, but does where {unclear}."
    if max(n_clear, n_unclear) <= MOST_NAMED and len(whole.split()) <= MOST_WORDS:
        return whole
    if n_clear <= n_unclear:
        return f"{opening} does not include {null} where {they_are} {clear}, but does in the other {n_unclear} ways."
    return f"{opening} includes {null} where {they_are} {unclear}, but does not in the other {n_clear} ways."


def nobody_left(terms: Terms) -> str:
    """Why dropout cannot matter."""
    return f"Nobody left the study without a {terms.heavy_day}, so it makes no difference how dropout is counted."


def _nothing_open(h: Held) -> str:
    if h.outcome == holding.RELAPSE:
        return nobody_left(h.terms)
    return "No day is missing, so nothing depends on a rule for missing days."


def _open(h: Held) -> str:
    return DROPOUT if h.outcome == holding.RELAPSE else MISSING_DAYS


def _noun(h: Held) -> str:
    return NOUNS[_open(h)][0]


def _subject(h: Held) -> str:
    return SUBJECT[h.outcome].format(last=h.window[1])


def _null(h: Held) -> str:
    return "1" if h.outcome == holding.HEAVY else "zero"


def _cases(h: Held) -> Cases:
    most = 1 if h.reckoned.higher else -1
    return [(_taken(h, share), most * (bool(share.n_clear) - bool(share.n_opposed))) for share in h.reckoned.shares]


def _taken(h: Held, share: Share) -> str:
    if h.outcome == holding.RELAPSE:
        return DropoutRule(share.option).about.way
    return TAKEN.get(share.option) or f"counted as {h.terms.worded(share.option)}"


def _where(cases: Cases, *sides: int) -> str:
    names = [name for name, s in cases if s in sides]
    imputed = "imputed "  # said once
    first = next((k for k, name in enumerate(names) if name.startswith(imputed)), len(names))
    return listed([*names[: first + 1], *(name.removeprefix(imputed) for name in names[first + 1 :])], "or")


def _extremes(h: Held) -> str:
    """What the extremes would change of a verdict that all other assumptions share."""
    sides, null = {s for _, s in _cases(h)}, _null(h)
    if len(sides) > 1:
        return ""
    (own,) = sides
    would = {0: f"would include {null}", -own: f"would lie on the other side of {null}"}
    if not own:
        would = dict.fromkeys((1, -1), f"would not include {null}")
    others: dict[str, list[str]] = {}
    for name, e in h.reckoned.bounds:
        if side(e) != own:
            others.setdefault(would[side(e)], []).append(name)
    each = [f"in the {listed(names, 'or')}, it {verb}" for verb, names in others.items()]
    return f" At the extreme, {'; '.join(each)}." if each else ""
