"""How much a page sends to the browser in one run is bounded, however many and long the names in the data are."""

from __future__ import annotations

import pytest
from opened import ROOT, first
from streamlit.testing.v1 import AppTest
from waiting import HANG_S

from ketadash.trial import load
from ketadash.trial.recipe import Recipe
from ketadash.trial.sources import gather
from ketadash.ui import options, state
from ketadash.ui import reading_form as mapping_form

PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
MOST_BYTES = 1_500_000  # of one run of a page with every tab drawn
PEOPLE, ARMS, MEASURES, TERMS = 3_000, 600, 300, 2_000
SOME_COLUMNS, COLUMNS = 100, 1_200  # 3,000 people with 1,200 columns each take half a minute to read


def hostile(columns: int) -> dict[str, bytes]:
    """Thousands of people with names as long as are read, in hundreds of arms, with columns and events without end."""
    ids = [f"{'P' * 190}{i:05d}" for i in range(PEOPLE)]
    arms = [("placebo", "ketamine")[i % 2] if i % 3 else f"{'arm' * 60}{i % ARMS}" for i in range(PEOPLE)]
    heads = [f"{'q' * 280}{i}" for i in range(columns)]
    values = ",".join(str(i % 7) for i in range(columns))
    people = [f"participant_id,arm,sex,{','.join(heads)}"] + [
        f"{who},{arm},{'FM'[i % 2]},{values}" for i, (who, arm) in enumerate(zip(ids, arms, strict=True))
    ]
    days = ["participant_id,day,drinks"] + [
        f"{who},{day},{(i * day) % 4}" for i, who in enumerate(ids) for day in (1, 2, 3)
    ]
    measures = [f"{'m' * 280}{i}" for i in range(MEASURES)]
    visits = [f"participant_id,day,{','.join(measures)}"] + [
        f"{who},{day},{','.join(str((i + day + k) % 9) for k in range(MEASURES))}"
        for i, who in enumerate(ids[:80])
        for day in (0, 7, 14)
    ]
    events = ["participant_id,event"] + [f"{ids[k % 80]},{'term ' * 90}{k}" for k in range(TERMS)]
    tables = {"participants": people, "days": days, "visits": visits, "adverse_events": events}
    declared = 'control = "placebo"\nactive = "ketamine"\n'
    return {f"{name}.csv": "\n".join(rows).encode() for name, rows in tables.items()} | {
        "trial.toml": declared.encode()
    }


def read(columns: int) -> state.Own:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(
            "KETADASH_MAX_SECONDS", str(int(HANG_S))
        )  # a busy machine takes longer to read than a server waits
        given = gather(hostile(columns), "x" * 100_000)
        return state.Own(given, None, load(given), "y" * 255)


@pytest.fixture(scope="module")
def own():
    return read(SOME_COLUMNS)


@pytest.fixture(scope="module")
def own_of_many_columns():
    return read(COLUMNS)


def sent(at: AppTest) -> int:
    """Bytes of every element of a page, as they go to the browser."""

    def size(node) -> int:
        children = getattr(node, "children", None)
        own = 0 if getattr(node, "proto", None) is None else node.proto.ByteSize()
        return own + sum(size(child) for child in children.values()) if children else own

    return size(at._tree)


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_sends_is_bounded(page, own_of_many_columns, sent_ahead):
    bounded(page, own_of_many_columns)


def test_what_the_page_of_people_sends_is_bounded(own, sent_ahead):
    bounded("participants", own)


def bounded(page: str, own: state.Own) -> None:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=HANG_S)
    at.session_state[state.OWN] = own
    first(at, page)  # not by way of the Overview, which has its own
    assert not at.exception
    assert 1_000 < sent(at) < MOST_BYTES


def test_many_names_are_looked_for_and_written(own):
    """A participant is found by a part of the name; an arm's name is written, and an unknown one is not taken."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=HANG_S)
    at.session_state[state.OWN] = own
    first(at, "participants")
    record = next(box for box in at.selectbox if box.key == "record")
    assert len(record.options) == options.MOST
    next(box for box in at.text_input if box.key == "record_part").set_value("p02999").run()
    record = next(box for box in at.selectbox if box.key == "record")
    assert [name[-5:] for name in record.options] == ["02999"]
    record.set_value(record.options[0]).run()
    assert not at.exception and at.session_state["record"].endswith("02999")
    arm = next(box for box in at.sidebar.text_input if box.key == "control")
    arm.set_value("nobody").run()
    assert not at.exception and at.session_state[state.CURRENT].chosen.control is None
    assert any("The file has no such name" in m.value for m in at.sidebar.markdown)
    arm = next(box for box in at.sidebar.text_input if box.key == "control")
    arm.set_value("placebo").run()
    assert at.session_state[state.CURRENT].chosen.control == "placebo"


def test_a_long_recipe_is_not_sent_and_stays_as_it_was(own, monkeypatch):
    codes, arms = tuple(str(-i) for i in range(1, 5_000)), tuple((f"arm {i}", f"Arm {i}") for i in range(2_000))
    before = Recipe(unknown=codes, arms=arms)
    monkeypatch.setattr(mapping_form, "parameters_of", lambda given: [])
    asked = []
    monkeypatch.setattr(mapping_form, "read_again", lambda given, said, before, answers, *_: asked.append(answers))

    def page():
        import streamlit as st

        from ketadash.ui import reading_form
        from ketadash.ui.state import OWN

        reading_form.form(st.session_state[OWN].given, None, st.session_state["before"], "x")

    at = AppTest.from_function(page, default_timeout=HANG_S)
    at.session_state[state.OWN] = own
    at.session_state["before"] = before
    at.run()
    assert not at.exception and sent(at) < 100_000
    at.button[0].click().run()
    assert asked and "unknown" not in asked[0] and "arms" not in asked[0] and asked[0]["substance"] == ""


def test_a_long_table_is_cut_and_says_so():
    def page():
        import pandas as pd

        from ketadash.ui import show

        show.table(pd.DataFrame({f"c{i}": ["x"] * 5_000 for i in range(80)}))

    at = AppTest.from_function(page).run()
    assert "The first 200 of 5,000 rows, 50 of 80 columns are shown here" in at.markdown[0].value
    assert sent(at) < 400_000
