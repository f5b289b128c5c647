"""Printed numbers beside ours: paths, rounding, rules."""

import pytest

from ketadash.core.errors import DataError
from ketadash.questions.paper.printed import Printed, look_up, read, reproduce, shown

DOCUMENT = {
    "a": {
        "counts": [17, 8, 0],
        "aic": 569.0444,
        "tests": [{"effect": "day", "p": 0.2}, {"effect": "day^2", "f": 8.2, "p": 0.0042}],
    },
    "nnt": {"observed": {"nnt": 5.507}, "none": {"nnt": None}},
    "arms": {"ketamine": 0.4706},
}


def one(**fields):
    printed = Printed(**({"key": "k", "section": "s", "what": "w", "printed": "x", "page": "p"} | fields))
    return reproduce((printed,), DOCUMENT)[0]


@pytest.mark.parametrize(
    ("fields", "agrees", "text"),
    [
        ({"path": "a.aic", "value": 569.04, "digits": 2}, True, "569.04"),
        ({"path": "a.aic", "value": 569.05, "digits": 2}, False, "569.04"),
        ({"path": "a.tests[effect=day^2].p", "value": 0.004, "digits": 3}, True, "0.004"),
        ({"path": "a.tests[effect=day^2].p", "value": 0.001, "rule": "<"}, False, "0.004"),
        ({"path": "a.tests[effect=day^2].p", "value": 0.005, "rule": "<"}, True, "0.004"),
        ({"path": "nnt.observed.nnt", "value": 6, "rounded": "up"}, True, "6"),
        ({"path": "nnt.observed.nnt", "value": 5, "rounded": "up"}, False, "6"),
        ({"path": "arms.ketamine", "value": 47.1, "digits": 1, "scale": 100}, True, "47.1"),
        ({"path": "a.tests[effect=day].p", "rule": "not significant"}, True, "p = 0.200"),
        ({"path": "a.tests[effect=day^2].p", "rule": "not significant"}, False, "p = 0.004"),
        ({"path": "a.tests[effect=day^2].p", "rule": "significant"}, True, "p = 0.004"),
        ({"path": "a.tests[effect=day^2&p=0.0042].f", "value": 8.2, "digits": 1}, True, "8.2"),
        ({"path": "a.counts.1", "over": "a.counts.0", "scale": 100, "value": 47.1, "digits": 1}, True, "47.1"),
        ({"path": "a.counts.1", "over": "a.counts.2", "value": 1}, False, "–"),
        ({"path": "nnt.none.nnt", "value": 4}, False, "–"),
        ({"path": "a.nowhere", "value": 4}, False, "–"),
        ({"path": "a.tests[effect=none].p", "value": 4}, False, "–"),
    ],
)
def test_agreement_is_judged_at_the_printed_precision(fields, agrees, text):
    found = one(**fields)
    assert (found.agrees, found.shown) == (agrees, text)
    assert found.why or found.ours is not None  # a miss without a value says why


def test_halves_round_up_as_they_read():
    assert [shown(x, d, "nearest") for x, d in ((0.145, 2), (2.5, 0), (-0.001, 2), (1e-9, 3))] == [
        "0.15",
        "3",
        "0.00",
        "0.000",
    ]


def test_look_up_takes_positions_and_choices():
    assert look_up(DOCUMENT, "a.tests.1.f") == 8.2
    with pytest.raises(KeyError):
        look_up(DOCUMENT, "a.tests[effect=none]")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[number]\n", "not valid TOML"),
        ('[[number]]\nkey = "x"\n', "number 1 (x)"),
        ('[[number]]\nkey="x"\nsection="s"\nwhat="w"\nprinted="1"\npath="a"\npage="p"\nrule="~"\n', "rule must be"),
    ],
)
def test_a_broken_list_says_where(text, said):
    with pytest.raises(DataError, match=__import__("re").escape(said)):
        read(text)


def test_a_list_is_read_with_its_loose_ends():
    text = """source = "A paper"
[[number]]
key = "aic"
section = "Primary"
what = "AIC"
printed = "569.04"
value = 569.04
digits = 2
path = "a.aic"
page = "abstinence"
[[loose_end]]
title = "12 or 11"
text = "One more than adds up."
"""
    report = read(text)
    assert report.source == "A paper"
    assert report.numbers[0].value == 569.04
    assert report.loose_ends[0].title == "12 or 11"
    assert [r.agrees for r in reproduce(report.numbers, DOCUMENT)] == [True]
