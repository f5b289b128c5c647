"""The two switches for showing a trial to others, and what is left when a trial is forgotten."""

import gc
from weakref import ref

import pytest
from opened import offered, opened, turned, words

from ketadash.export.small_cells import SUPPRESSION_NOTE
from ketadash.ui import privacy, state

ROWS = "\n".join(
    f"ZQ-{i:02d},{('placebo', 'drug')[i % 2]},{d},{(i * 7 + d * 3) % 5}" for i in range(12) for d in range(1, 8)
)
CSV = f"participant_id,arm,day,drinks\n{ROWS}\n"


def chosen(at, key, word):
    next(w for w in at.sidebar if getattr(w, "key", None) == key).set_value(word)
    return at.run()


def test_one_switch_masks_every_page_and_the_link_carries_it():
    at = opened("participants", identifiers="masked")
    assert not at.exception
    options = next(s for s in at.selectbox if s.key == "record").options
    assert options[0] == "M001" and len(options) == 40
    assert not [o for o in options if o.startswith("P")]
    at = chosen(at, privacy.MASK, privacy.SHOWN)
    assert next(s for s in at.selectbox if s.key == "record").options[0].startswith("P")


def test_a_link_that_cannot_be_read_does_not_show_identifiers_for_a_moment(monkeypatch):
    """The first run, before the control is drawn, takes whatever is not `shown` for masked; the control decides."""
    seen = []
    monkeypatch.setattr(privacy, "beside", lambda trial, key, make: seen.append(trial) or trial)
    at = opened("methods", identifiers="maskd")
    assert seen and not at.exception
    assert at.session_state[privacy.MASK] == privacy.SHOWN


@pytest.mark.parametrize("stem", ["participants", "safety"])
def test_suppressed_downloads_say_so_and_offer_no_single_people(stem):
    at = opened(stem)
    before = set(offered(at))
    at = turned(chosen(at, privacy.CELLS, privacy.SUPPRESSED), stem)
    assert not at.exception
    left = set(offered(at))
    if SUPPRESSION_NOTE not in words(at):  # the tab out of sight is not drawn
        return
    assert "retention (CSV)" not in left
    assert left <= before


def test_a_trial_that_is_forgotten_is_gone_from_memory_with_bytes_results_and_mask():
    at = opened("data")
    at.file_uploader[0].set_value(("mine.csv", CSV.encode(), "text/csv"))
    at.run()
    at = turned(chosen(at, privacy.MASK, privacy.MASKED), "participants")
    mine = at.session_state[state.OWN]
    watched = {
        "trial": ref(mine.trial),
        "days": ref(mine.trial.days),
        "given": ref(mine.given),
        "masked": ref(at.session_state[state.CURRENT].trial),
    }
    assert watched["masked"]() is not mine.trial
    del mine
    at = turned(at, "data")
    next(b for b in at.button if b.label == "Forget this trial").click()
    at.run()
    at.run()  # the callbacks of the run before
    assert not at.exception and state.OWN not in at.session_state
    del at
    gc.collect()
    assert [name for name, one in watched.items() if one() is not None] == []
