"""No control on any page makes anything fit again that does not depend on it; what was seen before computes nothing."""

import pytest
from opened import chosen, opened, turned
from sweeps import others_slow

from ketadash.analyse.memo import computed
from ketadash.ui import state

PAGES = ("abstinence", "heavy_drinking", "relapse", "nnt", "dropout", "participants", "safety", "overview")
ABSTINENCE, HEAVY, EVENTS = "abstinence_fit", "heavy_fit", "time_to_event"
# control: a word that nobody has chosen yet on any page, the one it is turned back to, and the fits that depend on it
CONTROLS = {
    "missing": ("missing", "drinking", {ABSTINENCE, HEAVY}),
    "trend": ("linear", "quadratic", {ABSTINENCE}),
    "baseline": ("unadjusted", "adjusted", {ABSTINENCE, HEAVY}),
    "curve": ("typical", "population", set()),
    "dropout": ("censored", "event", {EVENTS}),
    "fit": ("RSPL", "quadrature", {ABSTINENCE}),
    "level": ("90%", "95%", {EVENTS}),
    "men": (6.0, 4.0, {HEAVY, EVENTS}),
}


@pytest.fixture(scope="module")
def session():
    from ketadash.core.paths import sample_folder

    return opened("abstinence", data=(sample_folder() / "days.csv").read_text())  # a trial that nobody else looks at


def counted(at):
    found = {name.rpartition(".")[2]: n for name, n in computed(at.session_state[state.OWN].trial).items()}
    return {name: n for name, n in found.items() if n}


FOUR = ("missing", "curve", "dropout", "men")  # of each kind of fits one, and of none
EACH = {page: (page, tuple(CONTROLS)) for page in PAGES}
SOME = {"heavy_drinking, four": ("heavy_drinking", FOUR)}


@pytest.mark.parametrize("turns", others_slow(SOME | EACH, *SOME))
def test_a_control_refits_only_what_depends_on_it_and_a_state_seen_before_nothing(session, turns):
    page, controls = (SOME | EACH)[turns]
    at = turned(session, page)
    for control in controls:
        word, back, depends = CONTROLS[control]
        before = counted(at)
        first = counted(chosen(at, **{control: word}))
        ran = {name for name, n in first.items() if n != before.get(name, 0)}
        assert ran & {ABSTINENCE, HEAVY, EVENTS} <= depends, (control, ran)
        first_of_men = (turns, control) == ("heavy_drinking, four", "men")
        assert HEAVY in ran or not first_of_men  # the counting counts
        chosen(at, **{control: back})
        settled = counted(at)
        chosen(at, **{control: word})
        chosen(at, **{control: back})
        assert counted(at) == settled, control
