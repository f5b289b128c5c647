"""Columns chosen from a list: the link has their names with commas, and a name that is none makes it say nothing."""

from opened import chosen, opened, status, turned, words

from ketadash.ui import options


def plainly(at):
    return status(at).replace("\\", "")


def strata(at):
    (box,) = [box for box in at.sidebar.multiselect if box.key == "strata"]
    return box


def test_a_link_names_several_and_they_stay_from_page_to_page():
    at = opened("relapse", strata="sex,family_history")
    assert strata(at).value == ["sex", "family_history"] and not at.exception
    assert "strata: sex, family_history" in plainly(at) and "stratified log-rank" in words(at)
    assert at.query_params["strata"] in ("sex,family_history", ["sex,family_history"])
    other = turned(at, "abstinence")
    assert "strata: sex, family_history" in plainly(other) and "sex and family history" in words(other)
    assert "Published analysis" in status(chosen(other, strata=[]))
    assert "strata" not in other.query_params


def test_what_is_measured_after_randomisation_is_not_offered():
    offered = strata(opened("relapse")).options
    assert {"sex", "family_history", "employment"} <= set(offered)
    assert not {"dropout_reason", "cadss_after_infusion", "received_infusion", "followup_6m_abstinent"} & set(offered)


def test_a_name_that_is_no_column_is_said_once_and_none_is_chosen():
    at = opened("relapse", strata="sex,nothing")
    assert strata(at).value == [] and "Published analysis" in status(at)
    assert "'strata=sex,nothing' in the link is no choice here" in at.warning[0].value.replace("\\", "")


def test_columns_of_another_trial_are_let_go():
    text = "\n".join(
        [
            "participant_id,arm,day,drinks,site",
            *(f"P{i},{'ab'[i % 2]},{d},{(i + d) % 3},{i % 3}" for i in range(12) for d in range(1, 6)),
        ]
    )
    at = opened("relapse", data=text, control="a", active="b", strata="site")
    assert strata(at).options == ["site"] and strata(at).value == ["site"] and not at.exception
    gone = opened("relapse", data=text, control="a", active="b", strata="sex")
    assert strata(gone).value == [] and not gone.exception


def test_the_datas_own_names_are_looked_up_once_for_a_trial_and_not_for_each_control(monkeypatch):
    asked, look_up = [], options.offered
    monkeypatch.setattr(options, "offered", lambda trial, kind: asked.append(kind) or look_up(trial, kind))
    rows = "".join(f"P{i},{'ab'[i % 2]},{day},{(i * day) % 3},{i % 3}\n" for i in range(8) for day in range(1, 8))
    at = opened("abstinence", f"participant_id,arm,day,drinks,site\n{rows}", control="a", active="b")
    turned(chosen(at, missing="missing"), "relapse")
    assert "site" in strata(at).options and sorted(asked) == ["adjust_for", "strata"]
