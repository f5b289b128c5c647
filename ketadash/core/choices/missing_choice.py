"""The missing-day rule as the reader chooses it: the words of its buttons, of its list and of its dial.

Links have the keys of these tables; what stands on screen may be said otherwise.
"""

from __future__ import annotations

from ketadash.core.choices import missing
from ketadash.core.choices.missing import missing_day
from ketadash.core.spec import CHOICES, MissingRule
from ketadash.core.terms import Terms

DIAL, MORE, LIKE_REPORTED = MissingRule.IMOR.about.link, "more", "reported"
_OWN = {rule.about.link: rule for rule in MissingRule if rule.about.own_button and rule is not MissingRule.IMOR}
# `LIKE_REPORTED` is the dial's rule with both arms at 1, whatever its sliders said before.
MISSING: dict[str, MissingRule | None] = {
    **_OWN,
    LIKE_REPORTED: MissingRule.IMOR,
    DIAL: MissingRule.IMOR,
    MORE: None,
}
RULES = {rule.about.link: rule for rule in MissingRule if not rule.about.own_button}
# Stops of the dial: odds of abstinence on a missing day against a reported one.
STOPS = ("0", "0.02", "0.05", "0.1", "0.2", "0.33", "0.5", "0.67", "1", "1.5", "2", "3", "5", "10", "20", "50", "inf")
RATIOS = ("imor_control", "imor_active")
_ON_SCREEN = {
    MissingRule.MISSING.about.link: missing.LEFT_OUT,
    LIKE_REPORTED: missing.LIKE_REPORTED,
    DIAL: f"{missing.YOUR_ASSUMPTION}…",
    MORE: "other rules…",
}


def word_for(rule: MissingRule) -> str:
    """The word of the buttons for a rule: its own, or the one behind which the others are."""
    return rule.about.link if rule.about.own_button else MORE


def on_button(word: str, terms: Terms) -> str:
    """What a button says on screen."""
    return _ON_SCREEN.get(word) or terms.worded(word)


def in_short(word: str, rule: MissingRule, terms: Terms) -> str:
    """The rule that holds where a button's word alone would not say it."""
    if word == MORE:
        return terms.worded(rule.about.label)
    return on_button(word, terms).rstrip("…")


def at_stop(stop: str, terms: Terms) -> str:
    """What a stop of the dial is called: its ends in words."""
    return {"0": terms.worded("all drinking"), "inf": "all abstinent"}.get(stop, stop)


def in_a_sentence(rule: MissingRule, terms: Terms, control: str, active: str) -> str:
    """The rule as a sentence."""
    text = missing_day(rule, terms.use).format(control=control, active=active)
    return f"{text[:1].upper()}{text[1:]}."


def rule_help(terms: Terms) -> str:
    """What each button means."""
    each = [f"*{on_button(word, terms)}*: {rule.about.help}" for word, rule in MISSING.items() if rule is not None]
    rest = ", ".join(rule.about.label for rule in RULES.values())
    return f"{CHOICES['missing'].help} {' '.join(each)} *{on_button(MORE, terms)}*: {rest}."


def in_words(text: str | None, terms: Terms) -> str | None:
    """A control's label or help with what the trial counts; as it stands in a sentence."""
    if text is None:
        return None
    names = ("use", "used", "day", "baseline", "heavy_day", "measure")
    return text.format(**{name: getattr(terms, name) for name in names})
