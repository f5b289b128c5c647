"""The map of days, the record, the flow diagram and retention: they hold the results, safely and legibly."""

import colorsys
from dataclasses import replace

import numpy as np
import pytest
from figure_looks import DARK, LIGHT, PHONE, VIEWS

from ketadash.questions.participants import day_map as daymap
from ketadash.questions.participants import record as participants_record
from ketadash.questions.participants import states as participants_states
from ketadash.questions.participants import staying
from ketadash.results.people import (
    ArmFlow,
    DayMap,
    DayState,
    Flow,
    Leaving,
    Participants,
    PersonRecord,
    RecordedDay,
    RetentionPoint,
    TableOne,
)

ARMS = ("Midazolam", "Ketamine")


def day_map(arms=ARMS, sizes=(23, 17), n_days=21, before=7, seed=0, name="P{:02}"):
    rng = np.random.default_rng(seed)
    n, days = sum(sizes), np.arange(1 - before, n_days + 1)
    amount = rng.choice([0.0, 0.0, 0.0, 2.0, 6.0, np.nan], (n, len(days)))
    state = np.select([np.isnan(amount), amount > 4, amount > 0], [4, 2, 1], 0).astype(np.int8)
    state[0, -1], amount[0, -1] = DayState.OVERRIDDEN, 0.0
    return DayMap(
        arms,
        tuple(name.format(i) for i in range(n)),
        np.arange(n) >= sizes[0],
        days,
        (1, n_days),
        state,
        amount,
        (state == 0).sum(axis=1),
        True,
    )


def flow(arms=ARMS, screened=95, reason="stopped reporting"):
    control = ArmFlow(arms[0], 23, 23, 1, (Leaving(reason, (9, 12, 12, 16, 19)),), 17, 23)
    active = ArmFlow(arms[1], 17, None, 0, (), 17, 17)
    return Flow(screened, 50 if screened else None, 40, 0, (control, active), (1, 21))


def everything(arms=ARMS):
    points = tuple(
        RetentionPoint(arm, d, n, n - k * d // 5, n - k * d // 5, (n - k * d // 5) / n)
        for k, (arm, n) in enumerate(zip(arms, (23, 17), strict=True))
        for d in range(22)
    )
    return Participants(arms, TableOne(arms, (23, 17), (), 0.63), flow(arms), points, day_map(arms))


def record(who="P06", amount_name="drinks", event="headache"):
    days = [
        RecordedDay(
            d,
            0.0 if d % 3 else 5.0,
            DayState(0 if d % 3 else 2),
            d >= 1,
            d == 4 if d % 4 == 0 else None,
            (event,) if d == 2 else (),
        )
        for d in range(-6, 15)
    ]
    days += [RecordedDay(d, None, DayState.MISSING, True, None, ()) for d in range(15, 22)]
    return PersonRecord(who, ARMS[0], 3.0, amount_name, (1, 21), 15, "moved", tuple(days), (("Age", "45"),))


def every(arms=ARMS):
    text = "moved away" if arms is ARMS else arms[0]
    return {
        "map": lambda v: daymap.plot(
            day_map(arms, name=text[:30] + "{}" if arms is not ARMS else "P{:02}"), v, day_zero="Infusion"
        ),
        "large map": lambda v: daymap.plot(day_map(arms, (90, 80), 168, 0), v),
        "record": lambda v: participants_record.plot(record(amount_name=text, event=text), v, day_zero="Infusion"),
        "flow": lambda v: staying.flow(flow(arms, reason=text), v),
        "flow from randomisation": lambda v: staying.flow(flow(arms, None, text), v),
        "retention": lambda v: staying.retention(everything(arms), v),
    }


def test_the_map_holds_every_day_once_under_its_arm():
    result = day_map()
    figure = daymap.plot(result, LIGHT)
    assert [len(t["y"]) for t in figure["data"]] == [23, 23, 17, 17]  # before and in the window, arm by arm
    for k, (early, inside) in enumerate((figure["data"][:2], figure["data"][2:])):
        assert (early["x"], inside["x"]) == (list(range(-6, 1)), list(range(1, 22)))
        together = np.hstack([early["z"], inside["z"]])
        assert np.array_equal(together, result.state[result.active == bool(k)])
        assert early["opacity"] < inside["opacity"]
    said = {
        (s, t)
        for trace in figure["data"]
        for zs, ts in zip(trace["z"], trace["customdata"], strict=True)
        for s, t in zip(zs, ts, strict=True)
    }
    assert said == {(0, "0"), (1, "2"), (2, "6, heavy"), (3, "0 reported, test positive"), (4, "not reported")}


def test_rows_are_readable_for_forty_and_bounded_for_hundreds():
    small, large = daymap.plot(day_map(), LIGHT), daymap.plot(day_map(sizes=(287, 283)), LIGHT)
    bottom, top = small["layout"]["yaxis"]["domain"]
    inner = small["layout"]["height"] - small["layout"]["margin"]["t"] - small["layout"]["margin"]["b"]
    assert (top - bottom) * inner / 23 >= 12  # pixels a row
    assert small["layout"]["yaxis"]["showticklabels"] and "texttemplate" in small["data"][0]
    assert large["layout"]["height"] < 1250
    assert not large["layout"]["yaxis"]["showticklabels"] and "texttemplate" not in large["data"][0]


def test_blocks_of_the_arms_do_not_overlap():
    for view in VIEWS:
        layout = daymap.plot(day_map(sizes=(4, 3)), view)["layout"]
        (low, high), (low2, high2) = layout["yaxis"]["domain"], layout["yaxis2"]["domain"]
        assert 0 <= low2 < high2 < low < high <= 1


def test_participants_whose_names_read_alike_keep_their_own_rows():
    result = replace(day_map(sizes=(2, 2)), participant_ids=("a", "a\u200b", "b", "c"))
    ids = daymap.plot(result, LIGHT)["data"][0]["y"]
    assert len(set(ids)) == 2


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("view", (LIGHT, DARK), ids=str)
def test_more_drinking_is_told_by_lightness_alone(view):
    # WCAG's contrast between neighbours of the order: 1.3 is a visible step; heavy against abstinent is text-like
    calm, use, heavy = (luminance(participants_states.colour_of(s, view)) + 0.05 for s in list(DayState)[:3])
    order = (calm / use, use / heavy) if view is LIGHT else (use / calm, heavy / use)
    assert min(order) > 1.2
    assert max(calm, heavy) / min(calm, heavy) > 4
    hues = {
        s: colorsys.rgb_to_hls(*(int(participants_states.colour_of(s, view)[i : i + 2], 16) / 255 for i in (1, 3, 5)))[
            0
        ]
        for s in DayState
        if s is not DayState.MISSING
    }
    assert len({round(h, 1) for h in hues.values()}) == 4


def test_every_kind_of_day_but_the_calm_one_has_its_own_sign():
    signs = [participants_states.STATES[s].sign for s in DayState]
    assert signs[0] == "" and len(set(signs)) == len(signs)


def test_the_record_holds_its_days_and_marks():
    r = record()
    figure = participants_record.plot(r, LIGHT, day_zero="Infusion")
    before, inside, marks, strip = figure["data"]
    assert before["x"] + inside["x"] == [d.day for d in r.days]
    assert before["y"] + inside["y"] == [d.amount for d in r.days]
    assert strip["z"] == [[int(d.state) for d in r.days]]
    assert list(zip(marks["x"], marks["customdata"], strict=True)) == [
        (-4, "EtG test negative"),
        (0, "EtG test negative"),
        (4, "EtG test positive"),
        (8, "EtG test negative"),
        (12, "EtG test negative"),
        (2, "headache"),
    ]
    assert 3.0 in [s.get("y0") for s in figure["layout"]["shapes"]]
    texts = [a["text"] for a in figure["layout"]["annotations"]]
    assert {"Infusion", "left", "heavy: more than 3"} <= set(texts)
    plain = participants_record.plot(replace(r, threshold=None, left=None), LIGHT)["layout"]
    assert plain["shapes"] == [] and not {"Infusion", "left"} & {a["text"] for a in plain["annotations"]}


def boxes(figure):
    return [s for s in figure["layout"]["shapes"] if s["type"] == "rect"]


@pytest.mark.parametrize("view", (LIGHT, PHONE), ids=str)
@pytest.mark.parametrize("result", [flow(), flow(screened=None), flow(reason="a very long reason " * 6)], ids=range(3))
def test_boxes_of_the_flow_do_not_overlap_or_leave_the_picture(view, result):
    figure = staying.flow(result, view)
    found = boxes(figure)
    for i, a in enumerate(found):
        assert 0 <= a["x0"] < a["x1"] <= 100 and 0 <= a["y0"] < a["y1"] <= figure["layout"]["height"]
        for b in found[i + 1 :]:
            assert (a["x1"] <= b["x0"] or b["x1"] <= a["x0"]) or (a["y1"] <= b["y0"] or b["y1"] <= a["y0"])


def test_the_flow_tells_every_number():
    texts = " ".join(a["text"] for a in staying.flow(flow(), LIGHT)["layout"]["annotations"])
    for said in (
        "Screened: 95",
        "Not enrolled: 45",
        "Enrolled: 50",
        "Not randomised: 10",
        "Randomised: 40",
        "Midazolam: 23",
        "23 received it",
        "Ketamine: 17",
        "Left before day 21: 6",
        "1 never reported",
        "Left before day 21: 0",
        "Analysed: 23",
        "17 known to day 21",
    ):
        assert said in texts
    assert "5 stopped reporting (days 9, 12, 12, 16, 19)" in texts.replace("<br>", " ")
    assert "Screened" not in " ".join(
        a["text"] for a in staying.flow(flow(screened=None), LIGHT)["layout"]["annotations"]
    )


def test_many_days_of_leaving_are_a_range():
    one = Leaving("stopped reporting", tuple(range(3, 40)))
    arm = replace(flow().arms[0], left=(one,))
    texts = " ".join(
        a["text"] for a in staying.flow(replace(flow(), arms=(arm, flow().arms[1])), LIGHT)["layout"]["annotations"]
    )
    assert "(days 3 to 39)" in texts.replace("<br>", " ")


def test_retention_is_the_results():
    result = everything()
    figure = staying.retention(result, LIGHT)
    for trace, arm in zip(figure["data"], ARMS, strict=True):
        assert trace["y"] == [p.proportion for p in result.retention if p.arm == arm]
        assert trace["line"]["shape"] == "hv"  # someone's day of leaving is the first without them


def test_a_click_on_the_map_finds_its_participant_and_one_that_points_nowhere_none():
    days = day_map()
    figure = daymap.plot(days, LIGHT)
    own = [i for i, a in zip(days.participant_ids, days.active, strict=True) if a]
    lower = next(k for k, t in enumerate(figure["data"]) if t.get("yaxis") == "y2")
    assert daymap.participant_of(figure, days, {"trace": lower, "point": [3, 0]}) == own[3]
    for clicked in ({"trace": 99, "point": [0, 0]}, {"trace": 0, "point": [999, 0]}, {"trace": 0, "point": 0}):
        assert daymap.participant_of(figure, days, clicked) is None
