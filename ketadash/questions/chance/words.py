"""Chance in sentences: shuffles, what the models miss, and who carries a result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ketadash.core.findings import enumerated, lowered
from ketadash.core.numbers import level, number, plain_number, point_ends, signed_points, with_points
from ketadash.core.p_values import about_p, p_text
from ketadash.core.spec import PValues
from ketadash.core.terms import Terms
from ketadash.questions.shared.legends import arm_sizes
from ketadash.results.chance import Contrast, Influence, ModelCheck, ModelMeasure, Randomisation

IN_POINTS = ("last_day_difference", "percent_days_abstinent", "any_use")  # the others have scales of their own
LEADS = ("last_day_difference", "percent_days_abstinent")
HIDDEN = "How many shuffles were as large is hidden here: this is not the main analysis."
FAIRLY = "Shuffling needs no model of the days: whatever spells and trends people have, they keep them."


def out_of_100(c: Contrast) -> str:
    """How many of 100 shuffles would be as large: ``2``, ``fewer than 1``."""
    share = 100 * (c.observed.p or 0.0)
    return "fewer than 1" if share < 1 else plain_number(share, 0)


def answer(r: Randomisation, p_values: PValues) -> str:
    """The leading comparisons in one sentence, then the intervals."""
    if not r.n_done:
        return "Nothing is shuffled yet."
    if p_values is PValues.HIDDEN:
        return " ".join((HIDDEN, *_intervals(r)))
    answered = [c for c in r.contrasts if c.observed.p is not None]
    if not answered:
        return "No comparison has an answer here: see why below."
    leading = [c for c in answered if c.name in LEADS] or answered[:1]
    so_far = "" if r.complete else f"After {r.n_done:,} of {r.n_shuffles:,} shuffles: "
    opening = "if" if so_far else "If"
    each = " and in ".join(
        f"{out_of_100(c)} of 100{' shuffles' if c is leading[0] else ''} for {c.label}{_size(c)}" for c in leading
    )
    rest = " The other comparisons are in the picture and the table." if len(answered) > len(leading) else ""
    nothing = f"{so_far}{opening} the treatment did nothing"
    sentence = f"{nothing}, shuffling who got it would give a difference this large in {each}."
    return " ".join((f"{sentence}{rest}", *_intervals(r)))


def in_errors(c: Contrast) -> str:
    """The statistic as printed: a difference in its standard errors, endless where it has none."""
    if c.unvarying:
        return "∞" if (c.statistic or 0.0) > 0 else "−∞"
    return number(c.statistic)


def _size(c: Contrast) -> str:
    """Its size and p in brackets."""
    p = p_text(c.observed.p)
    if c.name not in IN_POINTS or c.observed.estimate is None:
        return f" ({p})"
    return f" ({with_points(signed_points(c.observed.estimate, c.observed.ci_low, c.observed.ci_high))}; {p})"


def _intervals(r: Randomisation) -> Iterable[str]:
    ends = [
        f"{point_ends(c.observed.ci_low, c.observed.ci_high)} points for {c.label}"
        for c in r.contrasts
        if c.observed.ci_low is not None and c.observed.ci_high is not None
    ]
    if ends:
        yield f"Intervals that rest on shuffling alone ({level(r.confidence)}): {'; '.join(ends)}."


def rests_on(r: Randomisation) -> str:
    """What was shuffled and how."""
    within = f" within levels of {enumerated(s.replace('_', ' ') for s in r.strata)}" if r.strata else ""
    errors = [c.monte_carlo_se for c in r.contrasts if c.monte_carlo_se is not None]
    moved = about_p(f"Another seed would move p by about {number(max(errors), 3)} at most (1 SE).") if errors else ""
    error = f" {moved}" if moved else ""
    return (
        f"The allocation was shuffled {r.n_done:,} times{within}, arm sizes kept (random seed {r.seed}), and each time "
        "the whole analysis, as chosen, was made again, missing days included. Comparisons are measured in "
        f"standard errors clustered by participant. {FAIRLY}{error}"
    )


def intervals_rest_on(r: Randomisation) -> str:
    """How the intervals were made."""
    how = {c.interval: c.label for c in r.contrasts if c.interval}
    return " ".join(f"Interval for {label}: {text}." for text, label in how.items())


def alt(r: Randomisation, p_values: PValues) -> str:
    """The histograms."""
    return f"Histograms of what shuffling gave, one row a comparison, with the observed mark. {answer(r, p_values)}"


def legend(r: Randomisation, arms: Sequence[tuple[str, int]]) -> str:
    """What stands under the histograms."""
    return (
        f"What {r.n_done:,} shuffles of who got what gave, one row a comparison, in standard errors clustered by "
        "participant; dark: as large as observed, in either direction; diamond: observed "
        f"({arm_sizes(arms)})."
    )


# --- the models ------------------------------------------------------------------------------------------------------


def measure(m: ModelMeasure, outcome: str, terms: Terms) -> str:
    """What a measure is."""
    day = terms.heavy_day if outcome == "heavy" else terms.day
    return {
        "lag1_odds_ratio": f"Odds of a {day} after one, compared with after none",
        "spells": f"Days that a spell of {day}s lasts",
        "always_one_way": "Participants who are always one way (%)",
        "slopes": "Spread of participants' own trends (points a day)",
    }[m.key]


def label(m: ModelMeasure, outcome: str, terms: Terms) -> str:
    """A measure with the model that it is of."""
    name, text = name_of(outcome, terms).capitalize(), measure(m, outcome, terms)
    return f"{name}: {lowered(text)}"


def value(m: ModelMeasure, x: float | None) -> str:
    """A value of a measure as printed."""
    percent = m.key in ("always_one_way", "slopes")
    digits = 0 if m.key == "always_one_way" else 1
    return number(None if x is None else 100 * x if percent else x, digits)


def name_of(outcome: str, terms: Terms) -> str:
    """The model of an outcome."""
    return f"{terms.heavy_day}s" if outcome == "heavy" else "abstinence"


def check_answer(checks: Sequence[ModelCheck], terms: Terms) -> str:
    """What each model describes and what not."""
    return " ".join(f"The model of {name_of(c.outcome, terms)}: {lowered(c.message)}" for c in checks)


def check_alt(rows: Sequence[tuple[ModelCheck, ModelMeasure, str]], answer: str) -> str:
    """The ratios that are drawn, and what follows."""
    ratios = "; ".join(
        f"{label} {number(m.observed / m.expected, 2)}" for _, m, label in rows if m.observed and m.expected
    )
    return f"Measures of the days over what the models expect: {ratios}. {answer}"


def check_legend(arms: Sequence[tuple[str, int]]) -> str:
    """What stands under the picture of the model check."""
    return (
        "Observed measures of the days against what the fitted model expects of the same people on the same days, as a "
        "ratio; bar: where the model's own days lie 95 of 100 times; diamond: observed, filled where it lies outside "
        f"({arm_sizes(arms)})."
    )


def check_rests_on() -> str:
    """How the models were checked."""
    return (
        "Days were drawn from each fitted model for the same people on the days that it was fitted to. Above the bar, "
        "neighbouring days, or a person's days in the long run, are more alike than the model allows: its standard "
        "errors then count days that say little new. The odds are those among participants who had days of both kinds."
    )


# --- influence -------------------------------------------------------------------------------------------------------

CAVEAT = (
    "Such a count depends on p and on the number of people, and says little more than they do: it does not measure how "
    "likely those changes are."
)


def influence_answer(results: Sequence[Influence], p_values: PValues) -> str:
    """Who changes which conclusion, and the fragility of the counts."""
    calm = [r for r in results if _is_calm(r)]
    sentences = [_carried(r) for r in results if r not in calm]
    if calm:
        names = "; ".join(r.label for r in calm)
        sentences.append(f"Leaving out any one participant changes none of these conclusions: {names}.")
    if p_values is not PValues.HIDDEN:
        sentences += [_fragile(r) for r in results if r.fragility is not None]
        if any(r.fragility is not None for r in results):
            sentences.append(CAVEAT)
    return " ".join(sentences)


def _is_calm(r: Influence) -> bool:
    """Whether everybody was left out once and nobody changes the conclusion."""
    nobody = not (r.changes_conclusion or r.no_interval_without)
    return r.full.ci_low is not None and nobody and len(r.without) == r.n


def _carried(r: Influence) -> str:
    so_far = "" if len(r.without) == r.n else f"of {len(r.without)} so far, "
    name = f"{r.label[:1].upper()}{r.label[1:]}"
    if r.full.ci_low is None:
        return f"{name}: no interval with everybody, so nobody can change it."
    lost = f" There is no interval without {_people(r.no_interval_without)}." if r.no_interval_without else ""
    if not r.changes_conclusion:
        whom = "without any other participant" if lost else "without any one participant"
        return f"{name}: {so_far}{whom} the conclusion stays.{lost}"
    return f"{name}: {so_far}the conclusion changes without {_people(r.changes_conclusion)}.{lost}"


def _people(participants: Sequence[str]) -> str:
    return ", ".join(participants[:8]) + (" and others" if len(participants) > 8 else "")


def _fragile(r: Influence) -> str:
    f = r.fragility
    assert f is not None
    people = f"{f.flips} participant{'s' if f.flips != 1 else ''}"
    verdict = "no longer be below .05" if f.significant else "be below .05"
    other = f"If {people} of {f.n} had had the other outcome ({r.label})"
    return about_p(f"{other}, Fisher's {p_text(f.p)} would {verdict}.")


def influence_alt(r: Influence) -> str:
    """One headline without each participant."""
    each = f"each of {len(r.without):,} participants in turn, sorted, with {level(r.confidence)}"
    return f"Estimates of {r.label} without {each}. {_carried(r)}"


def influence_legend(r: Influence, arms: Sequence[tuple[str, int]]) -> str:
    """What stands under it."""
    return (
        f"{r.label[:1].upper()}{r.label[1:]}, {r.arms[1]} against {r.arms[0]}, without each participant in turn, "
        f"sorted, with {level(r.confidence)}; line: with everybody; diamonds: whose absence changes the conclusion "
        f"({arm_sizes(arms)})."
    )
