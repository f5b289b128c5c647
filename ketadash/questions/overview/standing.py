"""How a result stands by its model, by clustered errors and by shuffling: on the Overview's cards and in its verdict.

Nothing is started here: shuffles count once all of a state are there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ketadash import analyse
from ketadash.analyse import long_work
from ketadash.analyse.randomisation import ANY_USE, HEAVY_DAY_BY_ARM, LAST_DAY, RELAPSE
from ketadash.core.numbers import interval, point_ends, points_text, ratio_digits, with_points
from ketadash.core.p_values import about_p, p_text
from ketadash.core.spec import AnalysisSpec, MissingRule, PValues, Uncertainty
from ketadash.questions.chance import words as chance
from ketadash.questions.question import Material
from ketadash.questions.shared import believable
from ketadash.questions.shared.words import ends_and_zero, interval_of, page, what_an_interval_says
from ketadash.results import BinaryOutcome
from ketadash.results.chance import Contrast
from ketadash.trial import Trial

NOT_SHUFFLED = "not shuffled yet: see Chance"
NO_ANSWER_SHUFFLED = "shuffling has no answer: see Chance"
NO_FIT = "No interval: the model has no finite answer"
UNCONVERGED = "No interval to rely on: the fit did not converge"
TOO_FEW = "no robust interval (too few people)"


@dataclass(frozen=True, slots=True)
class _Ends:
    """One interval: how it came about, whether it leaves out no difference, and as text; None where there is none."""

    how: Uncertainty
    clear: bool | None
    text: str


# --- the cards -------------------------------------------------------------------------------------------------------


def abstinence(m: Material) -> str:
    """The modelled last day: ``Model 9–51 points; robust 6–54; by shuffling p .02. They agree: a difference.``"""
    results = [(how, analyse.abstinence_result(m.trial, m.spec.replace(uncertainty=how))) for how in Uncertainty]
    ends = []
    for how, result in results:
        gap = result.difference[-1] if result.difference else None
        clear = None if gap is None else gap.ci_low > 0 or gap.ci_high < 0
        ends.append(_Ends(how, clear, "" if gap is None else f"{point_ends(gap.ci_low, gap.ci_high)} points"))
    return _line(m, ends, LAST_DAY, stopped=any(believable.gives_no_verdict(r) for _, r in results))


def heavy(m: Material) -> str:
    """The arms' trends of heavy days, as a ratio a day."""
    ends, stopped = [], False
    for how in Uncertainty:
        result = analyse.heavy_result(m.trial, m.spec.replace(uncertainty=how))
        if result is None:
            return _without_heavy_days(m)
        low, high = interval_of_trends(result)
        stopped |= believable.gives_no_verdict(result)
        if low is None or high is None:
            ends.append(_Ends(how, None, ""))
        else:
            ratios = _ratio(low), _ratio(high)
            ends.append(_Ends(how, low > 0 or high < 0, interval(*ratios, ratio_digits(*ratios))))
    return _line(m, ends, HEAVY_DAY_BY_ARM, "Ratio of the arms' trends: ", stopped=stopped)


def relapse(m: Material) -> str:
    """Time to relapse has no model whose errors could be clustered: its test beside shuffling."""
    result = analyse.time_to_event(m.trial, m.spec).get("relapse")
    if result is None:
        return _without_heavy_days(m)
    if result.logrank.p is None:
        return _sentence("; ".join(result.logrank.messages))
    if m.p_values is PValues.HIDDEN:
        return chance.HIDDEN
    contrast = _shuffled(m.trial, m.spec, RELAPSE)
    verdicts = [result.logrank.p < 1 - m.spec.confidence, *_verdict(m.spec, contrast)]
    return _join(_by_shuffling(contrast), _agreement(verdicts, "The two tests"))


def all_days(m: Material) -> str:
    """Abstinence on every day is a count: its interval, which the card has, beside shuffling."""
    n = analyse.nnt_result(m.trial, m.spec).observed
    if m.p_values is PValues.HIDDEN:
        return chance.HIDDEN
    contrast = _shuffled(m.trial, m.spec, ANY_USE)
    verdicts = [] if n.ci_low is None or n.ci_high is None else [n.ci_low > 0 or n.ci_high < 0]
    return _join(
        _by_shuffling(contrast), _agreement([*verdicts, *_verdict(m.spec, contrast)], "The interval and the shuffles")
    )


def _without_heavy_days(m: Material) -> str:
    return f"Without {m.terms.heavy_day}s there is nothing to shuffle."


def interval_of_trends(result: BinaryOutcome) -> tuple[float | None, float | None]:
    """The ends of the interval by which the arms' trends are apart, log odds ratio a day; None without."""
    return next(((c.ci_low, c.ci_high) for c in result.model.coefficients if c.term == "day:arm"), (None, None))


def _ratio(log_odds: float) -> float:
    return math.exp(min(log_odds, 700.0))


def _line(m: Material, ends: list[_Ends], contrast: str, of: str = "", *, stopped: bool) -> str:
    """Both intervals, or why one is not there; shuffling; and whether they agree."""
    known = [e for e in ends if e.clear is not None]
    if stopped:
        known, line = [], UNCONVERGED
    elif not known:
        line = NO_FIT
    else:
        line = f"{of}{'; '.join(_named(e) for e in ends)}"
    verdicts, who = [bool(e.clear) for e in known], "The two intervals"
    if m.p_values is not PValues.HIDDEN:
        shuffled = _shuffled(m.trial, m.spec, contrast)
        line = f"{line}; {_by_shuffling(shuffled)}"
        if by_shuffling := _verdict(m.spec, shuffled):
            verdicts, who = [*verdicts, *by_shuffling], "They"
    return _join(line, _agreement(verdicts, who))


def _named(e: _Ends) -> str:
    if e.clear is not None:
        return f"{e.how.value} {e.text}"
    return TOO_FEW if e.how is Uncertainty.ROBUST else f"no {e.how.value} interval"


def _agreement(verdicts: list[bool], who: str) -> str:
    """Whether all verdicts are one; `who` gave them.  Empty for a single one."""
    if len(verdicts) < 2:
        return ""
    if len(set(verdicts)) > 1:
        return f"{who} do not agree."
    return f"{who} agree: {'a difference' if verdicts[0] else 'no clear difference'}."


def _join(line: str, agreement: str) -> str:
    return f"{_sentence(line)} {agreement}".rstrip()


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


# --- shuffles --------------------------------------------------------------------------------------------------------


def _shuffled(trial: Trial, spec: AnalysisSpec, contrast: str) -> Contrast | None:
    """What all shuffles of this state say of it; None as long as they are not all there."""
    result = long_work.shuffled_to_the_end(trial, spec)
    return None if result is None else next((c for c in result.contrasts if c.name == contrast), None)


def _by_shuffling(contrast: Contrast | None) -> str:
    if contrast is None:
        return NOT_SHUFFLED
    return NO_ANSWER_SHUFFLED if contrast.observed.p is None else f"by shuffling {p_text(contrast.observed.p)}"


def _verdict(spec: AnalysisSpec, contrast: Contrast | None) -> list[bool]:
    """Whether shuffling finds a difference, at the level chosen; nothing where it has no answer."""
    if contrast is None or contrast.observed.p is None:
        return []
    return [contrast.observed.p < 1 - spec.confidence]


# --- the verdict -----------------------------------------------------------------------------------------------------

SMALL_ARM = "One arm has few people beside the other: that interval can be too narrow."


def on_chance(*, on_page: bool = False) -> str:
    """Where to look as long as nothing is shuffled, or what it gives is hidden."""
    named = page("Chance", on_page=on_page)
    return f"{named[:1].upper()}{named[1:]} says whether chance alone could give it."


def how_it_stands(
    trial: Trial, spec: AnalysisSpec, result: BinaryOutcome, p_values: PValues, *, on_page: bool = False
) -> str:
    """Short sentences on what else the last day's difference could have been; empty where the model has none."""
    own = analyse.abstinence_result(trial, spec.replace(uncertainty=Uncertainty.MODEL))
    if not own.difference or believable.gives_no_verdict(result):
        return ""
    sentences = [_under_other_errors(trial, spec)]
    if result.difference and result.counts.n_missing:
        left_out = spec.missing is MissingRule.MISSING
        other = MissingRule.NONABSTINENT if left_out else MissingRule.MISSING
        # with robust errors first: the model's own come with them, and whoever flips the rule has both
        analyse.abstinence_result(trial, _under(spec.replace(uncertainty=Uncertainty.ROBUST), other))
        read = f"missing days counted as {result.terms.use}" if left_out else "missing days left out"
        sentences.append(_read_otherwise(analyse.abstinence_result(trial, _under(spec, other)), f"With {read}"))
    return " ".join([*sentences, _chance(_shuffled(trial, spec, LAST_DAY), p_values, on_page)])


def _under_other_errors(trial: Trial, spec: AnalysisSpec) -> str:
    """The interval by the errors that were not chosen."""
    robust = spec.uncertainty is Uncertainty.ROBUST
    other = Uncertainty.MODEL if robust else Uncertainty.ROBUST
    named = "With the model's own errors" if robust else "With errors clustered by participant"
    result = analyse.abstinence_result(trial, spec.replace(uncertainty=other))
    if not result.difference:
        return f"{named}, the modelled difference has no interval in these data."
    gap = result.difference[-1]
    ends, says = point_ends(gap.ci_low, gap.ci_high), what_an_interval_says(gap.ci_low, gap.ci_high)
    doubt = f" {SMALL_ARM}" if result.model.small_arm else ""
    return f"{named}, the interval of the modelled difference on day {gap.day} is {ends} points and {says}.{doubt}"


def _read_otherwise(result: BinaryOutcome, read: str) -> str:
    """The same difference with missing days read the other way."""
    if not result.difference:
        return f"{read}, the modelled difference is not estimable."
    if believable.gives_no_verdict(result):
        return f"{read}, the fit did not converge: its difference is not to be relied on."
    gap = result.difference[-1]
    ends = ends_and_zero(gap.ci_low, gap.ci_high, interval_of(result))
    size = with_points(points_text(gap.probability, gap.ci_low, gap.ci_high))
    return f"{read}, the modelled difference is {size} ({ends})."


def _chance(contrast: Contrast | None, p_values: PValues, on_page: bool) -> str:
    """What shuffling says of the last day, once it is there and may be shown."""
    if contrast is None or contrast.observed.p is None or p_values is PValues.HIDDEN:
        return on_chance(on_page=on_page)
    many = f"{chance.out_of_100(contrast)} of 100 shuffles"
    return about_p(f"Shuffling who got what gives a difference this large in {many} ({p_text(contrast.observed.p)}).")


def _under(spec: AnalysisSpec, rule: MissingRule) -> AnalysisSpec:
    """The spec under another rule, without what belongs to its own alone."""
    plain = AnalysisSpec()
    # abstinence depends on dropout only where it is imputed
    dropout = plain.dropout if spec.dropout.about.imputed else spec.dropout
    return spec.replace(missing=rule, imor_control=plain.imor_control, imor_active=plain.imor_active, dropout=dropout)
