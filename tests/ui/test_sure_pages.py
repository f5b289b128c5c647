"""The "How sure" pages: dial and sidebar are one, background work shows what it has, edges have a sentence."""

import math

import pytest
from opened import chosen, figures, opened, seen, status, tables, turned, words
from sweeps import others_slow
from trial_files import csv
from waiting import until

from ketadash.analyse import jobs
from ketadash.core.choices import missing_choice
from ketadash.ui.components import dial, sensitivity


def plain(text):
    return text.replace("\\", "").replace("\u00a0", " ")


def moved(at, arm, value):
    at.select_slider(key=f"dial_{arm}").set_value(value)
    return at.run()


# --- the dial --------------------------------------------------------------------------------------------------------


def test_the_dial_stands_where_the_rule_is_and_moves_the_sidebar():
    at = opened("missing_days")
    assert at.select_slider(key="dial_control").value == "0"  # missing = drinking
    published = figures(at)["missing_curve"]
    assert "Move the dial to see what other assumptions would give" in plain(words(at))
    moved(at, "control", "0.5")
    assert not at.exception
    assert "Move the dial" in words(at)  # under every rule: what came and went above it took the focus from the dial
    assert at.segmented_control(key="missing").value == missing_choice.DIAL
    assert at.sidebar.select_slider(key="imor-control").value == "0.5"
    assert "missing days = your assumption" in plain(status(at)) and figures(at)["missing_curve"] != published
    assert "with the odds of abstinence of reported days times 0.5 (midazolam) and times 0 (ketamine)" in plain(
        words(at)
    )
    assert "Monte Carlo error of the difference with 20 imputations" in plain(words(at))


def test_the_link_has_the_ratios_from_the_first_move_on_and_not_without_their_rule():
    at = opened("missing_days")
    moved(at, "control", "0.5")
    assert at.query_params["missing"] == "dial"
    assert at.query_params["imor-control"] == "0.5"
    assert at.query_params["imor-active"] == "0"
    at.segmented_control(key="missing").set_value("missing").run()
    assert not {"imor-control", "imor-active"} & set(at.query_params)


def test_a_link_with_a_ratio_that_is_no_stop_says_so():
    at = opened("missing_days", missing="dial", **{"imor-control": "0.123"})
    assert "'imor-control=0.123' in the link is no choice here, so it is '1'" in plain(words(at))
    assert "imor-control" not in at.query_params


def test_the_sidebar_moves_the_dial():
    at = chosen(opened("missing_days"), missing=missing_choice.DIAL)
    assert [at.select_slider(key=f"dial_{arm}").value for arm in ("control", "active")] == ["1", "1"]
    chosen(at, **{"imor-control": "5"})
    assert at.select_slider(key="dial_control").value == "5"
    chosen(chosen(at, missing=missing_choice.MORE), rule="worst case")
    assert [at.select_slider(key=f"dial_{arm}").value for arm in ("control", "active")] == ["inf", "0"]


def stops(at):
    (buttons,) = [p for p in at.pills if p.key.startswith(dial.STOP)]
    return buttons


def test_a_stop_that_the_dial_has_left_is_not_pressed_by_a_browser_that_does_not_know_yet():
    """A slider held down sends its next step, and with it what the buttons said, before it has the answer to the last.

    The buttons keep their key meanwhile: drawn anew under another they took the focus from the slider.
    """
    at = opened("missing_days", missing="dial")
    first = stops(at)
    assert first.value == "like reported (MAR)"
    for step in ("2", "5"):
        stops(at).set_value("drinking")  # as a browser said it before
        at = chosen(at, **{"imor-control": step})
        assert stops(at).value is None and stops(at).id == first.id
        assert at.select_slider(key="dial_control").value == step
    stops(at).set_value("drinking")  # a press, with which nothing else has moved, is one
    at.run()
    assert stops(at).value == "drinking" and "missing days = " not in status(at)
    stops(at).set_value(None)  # nor is there a way to press none
    at.run()
    assert stops(at).value == "drinking" and not at.exception


@pytest.mark.parametrize("name", others_slow(dial.NAMED, *list(dial.NAMED)[:2]))
def test_a_named_stop_is_the_rule_it_names(name):
    at = opened("missing_days")
    stops(at).set_value(name)
    at.run()
    assert not at.exception and stops(at).value == name
    link = dial.NAMED[name]
    yours = opened("missing_days", **{k: v for k, v in link.items() if v != "drinking"})
    assert seen(yours) == seen(at)


def test_zero_on_the_dial_is_missing_as_drinking():
    at = opened("missing_days")
    published = figures(at)["missing_curve"]["data"]
    moved(at, "control", "0.5")
    moved(at, "control", "0")
    assert [t["y"] for t in figures(at)["missing_curve"]["data"][:3]] == [t["y"] for t in published[:3]]


def test_locked_arms_move_together():
    data = csv(["placebo", "active"], missing=0.2)
    at = opened("missing_days", data)
    at.toggle(key=dial.LOCKED).set_value(True)
    at.run()
    moved(at, "control", "2")
    assert [at.select_slider(key=f"dial_{arm}").value for arm in ("control", "active")] == ["2", "2"]
    at.toggle(key=dial.LOCKED).set_value(False)
    at.run()
    moved(at, "active", "0.5")
    assert [at.select_slider(key=f"dial_{arm}").value for arm in ("control", "active")] == ["2", "0.5"]


def test_the_conclusion_is_said_to_hold_or_not():
    at = opened("missing_days")
    moved(at, "control", "0.5")
    assert "Again the interval lies on the side that favours ketamine" in words(at)
    moved(at, "control", "2")
    assert "The conclusion does not hold under this assumption" in words(at)


def test_an_arm_without_missing_days_cannot_be_moved():
    at = opened("missing_days")
    assert at.select_slider(key="dial_active").disabled and not at.select_slider(key="dial_control").disabled


# --- what goes on in the background ----------------------------------------------------------------------------------


def test_the_map_is_computed_and_says_where_it_tips(jobs_run):
    at = opened("missing_days", imputations="5")
    _wait()
    said = plain(words(at.run()))
    assert "only as long as fewer than about" in said and "midazolam's 57 missing days" in said
    assert "In the last week they reported, the 6 midazolam participants" in said and "43%" in said
    assert "tipping_map" in figures(at)
    assert not [b for b in at.button if b.label in ("Stop", "Go on")]


@pytest.mark.parametrize(("by_a_reader", "goes_on", "days"), [(False, True, "1:19"), (True, False, "1:18")])
def test_what_ended_since_nobody_looked_goes_on_with_the_next_reader(jobs_run, monkeypatch, by_a_reader, goes_on, days):
    started, start = [], jobs.Job.start
    monkeypatch.setattr(jobs.Job, "start", lambda job: (started.append(job), start(job)))
    monkeypatch.setattr(jobs.Job, "watched", property(lambda job: False))  # the reader left as soon as it had begun
    opened("missing_days", imputations="1", days=days)
    _wait()
    tried = [job for job in dict.fromkeys(started) if job.n_done and not job.finished]
    assert tried
    if by_a_reader:
        for job in tried:
            job.cancel()
    monkeypatch.undo()
    monkeypatch.setattr(jobs, "UNWATCHED_S", math.inf)
    before = {job: job.n_done for job in tried}
    opened("missing_days", imputations="1", days=days)
    _wait()
    assert [job.n_done > before[job] for job in tried] == [goes_on] * len(tried)


def _wait():
    """Until the jobs of the sample are done (they run in threads of this process)."""
    until(lambda: not jobs.running())


def test_the_assumptions_of_a_large_trial_are_computed_on_request(jobs_run, monkeypatch):
    monkeypatch.setattr(sensitivity, "AT_ONCE", 0)
    at = opened("missing_days", imputations="1")
    assert "assumptions" not in figures(at) and not any("jump to reference" in t for t in tables(at))
    assert "assumptions about the missing days the difference" not in words(at)  # nor is said what is not known yet
    (button,) = [b for b in at.button if b.label == "Compute the assumptions"]
    button.click()
    at.run()
    _wait()
    at.run()
    assert "assumptions" in figures(at) and any("jump to reference" in t for t in tables(at))
    assert "assumptions about the missing days abstinence on day" in words(at)


def test_a_map_not_begun_is_offered_and_nothing_is_claimed():
    at = opened("missing_days", csv(["placebo", "active"], missing=0.2))  # background work is off here
    assert [b for b in at.button if b.label == "Compute the tipping map"]
    assert "tipping_map" not in figures(at) and "only as long as" not in words(at)


def test_the_specification_curve_is_computed_and_counted(jobs_run):
    at = opened("specifications", outcome="relapse")
    _wait()
    at.run()
    said = plain(words(at))
    assert "In 19 of 19 distinct specifications for relapse the difference favours ketamine" in said
    assert "agreement is not new evidence" in said
    assert "The published analysis is number" in said and "10,368 combinations" in said
    assert "Click a specification" in said
    assert any("◆ published" in t for t in tables(at))


def test_specifications_not_begun_are_not_called_failed():
    at = opened("specifications")
    assert "The table comes once every specification is computed" in words(at)
    assert "the model has no finite answer" not in words(at)


# --- edges -----------------------------------------------------------------------------------------------------------


def test_without_missing_days_nothing_depends_on_them():
    at = opened("missing_days", csv(["placebo", "active"], missing=0))
    assert "nothing on this page can change the answer" in words(at)
    assert "tipping_map" not in figures(at)
    assert all(at.select_slider(key=f"dial_{arm}").disabled for arm in ("control", "active"))


def test_an_arm_all_missing_is_a_sentence():
    rows = csv(["placebo", "active"], missing=0.1).splitlines()
    gone = [r if '"active"' not in r else ",".join((*r.split(",")[:3], "", *r.split(",")[4:])) for r in rows]
    at = opened("missing_days", "\n".join(gone), missing=missing_choice.DIAL)
    assert not at.exception and "Nobody in the active arm has a known day" in plain(words(at))


def test_one_imputation_says_what_it_leaves_out():
    at = opened("missing_days", missing=missing_choice.DIAL, imputations="1")
    assert not at.exception
    assert "the intervals leave out what is not known about the missing days" in plain(at.warning[0].value)


def test_dropout_says_what_hangs_on_it_and_how_many_it_takes():
    at = opened("dropout")
    said = plain(words(at))
    assert "A competing event: −21 points (95% CI −45 to 7; Gray's test p .18)" in said
    assert "The result depends on dropout" in said
    assert (
        "With none of the 3 who left without a heavy drinking day taken to have relapsed, log-rank p .15; with all "
        "of them, p .04." in said
    )
    assert "p below .05" not in said
    nobody = opened("dropout", csv(["placebo", "active"], missing=0))
    assert "it makes no difference how dropout is counted" in words(nobody)


def test_the_estimand_follows_the_choices():
    at = opened("missing_days")
    assert any("Composite: days after leaving count as drinking" in t for t in tables(at))
    chosen(at, missing="missing", baseline="unadjusted")
    assert any("missing at random; by likelihood" in t and "unadjusted" in t for t in tables(at))


def test_the_pages_have_the_same_state():
    at = opened("missing_days", missing=missing_choice.DIAL, imputations="5", **{"imor-control": "0.2"})
    for page in ("abstinence", "nnt", "heavy_drinking"):
        assert "odds ratio 0.2" in plain(status(turned(at, page))), page
        assert "imputed 5 times" in plain(words(at)), page
