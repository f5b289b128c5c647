"""More choices that nobody has unfolded are not drawn, and hold as they do in sight."""

import pytest
from opened import opened

from ketadash.core.choices.control import Buttons, DataName, DataNames, NumberBox, OptionList, TextBox
from ketadash.core.choices.every_choice import UNDER_MORE_CHOICES
from ketadash.core.spec import CHOICES
from ketadash.trial import Trial
from ketadash.ui import controls, state, unfolding
from ketadash.ui.options import names_in

WRITTEN = {"days": "2:14", "relapse": "2 in 3", "relapse_from": "3", "tau": "14", "subgroup_cut": "40"}
NO_WORDS = ("nonsense", "1e999", "", "\u202e")


def other_word(field: str, trial: Trial) -> str:
    """A word of a control that is not what it says at first."""
    choice, first = (
        CHOICES[field],
        controls.slug(controls.words_of(trial.declared.published)[CHOICES[field].key]),
    )
    match choice.control:
        case Buttons():
            return next(word for word in reversed(list(choice.words)) if word != first)
        case NumberBox() as box:
            return repr(box.most).removesuffix(".0")
        case TextBox():
            return WRITTEN[field]
        case OptionList() as options:
            return next(word for word in options.offered if word != first)
        case DataName():
            return next((name for name in reversed(names_in(trial)[field]) if name != first), "none")
        case DataNames():
            return names_in(trial)[field][0]
    raise TypeError(choice.control)


@pytest.fixture
def as_for_a_reader(monkeypatch):
    """What is folded away is not drawn."""
    monkeypatch.setattr(unfolding, "in_sight", lambda part: bool(part.open))


def under(more, **link):
    """A page under a link, with More choices open or not."""
    at = opened("nnt", **link)
    at.session_state[controls.MORE] = more
    return at.run()


def seen_of(at):
    """What the app makes of its controls."""
    assert not at.exception, at.exception
    now = next((at.session_state[key] for key in [state.CURRENT] if key in at.session_state), None)
    what = now and (now.chosen, now.spec, now.notes, now.unread, now.view)
    return what, dict(at.query_params), [e.value for e in (*at.error, *at.warning)]


def is_drawn(at, key):
    return any(getattr(widget, "key", None) == key for widget in at.sidebar)


@pytest.mark.sweep(11)
@pytest.mark.parametrize("field", UNDER_MORE_CHOICES)
def test_a_choice_of_a_link_holds_without_its_control(field, sample, as_for_a_reader):
    key, word = CHOICES[field].key, other_word(field, sample)
    folded, unfolded = opened("nnt", **{key: word}), under(True, **{key: word})
    assert not is_drawn(folded, key) and is_drawn(unfolded, key)
    assert seen_of(folded) == seen_of(unfolded)
    assert folded.query_params[key] in (word, [word])


@pytest.mark.parametrize("word", NO_WORDS, ids=ascii)
def test_what_a_link_says_in_vain_is_told_whether_or_not_the_controls_are_in_sight(word, as_for_a_reader):
    link = {CHOICES[field].key: word for field in UNDER_MORE_CHOICES} | {"pvalues": word}
    assert seen_of(opened("nnt", **link)) == seen_of(under(True, **link))


def test_choices_that_were_made_hold_when_the_box_is_shut_and_when_it_is_opened_again(as_for_a_reader):
    at = under(True)
    at.number_input(key="seed").set_value(7)
    at.text_input(key="days").set_value("2:14")
    at.selectbox(key="level").set_value("90%")
    at.button_group(key="pvalues").set_value(["hidden"])
    at.multiselect(key="strata").set_value(["sex"])
    made = seen_of(at.run())
    assert (made[0][1].seed, made[0][1].confidence, made[0][1].strata) == (7, 0.9, ("sex",))
    for is_open in (False, False, True):
        at.session_state[controls.MORE] = is_open
        assert seen_of(at.run()) == made
    assert at.number_input(key="seed").value == 7 and at.text_input(key="days").value == "2:14"
    at.session_state[controls.MORE] = False
    next(b for b in at.button if b.label.startswith("Back to")).click()
    back = seen_of(at.run())
    assert back[0][1].seed != 7 and "days" not in back[1]
