"""Ink that everybody can read: contrast on both papers, arms that stay apart for colour-blind eyes and in print."""

import re
import tomllib
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from ketadash.questions.missing_days import tipping_strip
from ketadash.questions.participants import states as participants_states
from ketadash.questions.shared import theme
from ketadash.results.people import DayState

INKS = {"light": theme.LIGHT, "dark": theme.DARK}
TEXT, GRAPHIC = 4.5, 3.0  # WCAG 2.2, 1.4.3 and 1.4.11
# Two colours this far apart (CIE 1976 L*a*b*) differ at a glance; 2.3 is just noticeable side by side (Mahy et al.
# 1994), and lines are thin and lie apart, so ten times that is asked for.
APART = 23
# Severity 1.0 of Machado, Oliveira & Fernandes (2009), table 1, on linear RGB.
BLIND = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
CONFIG = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]


def rgb(colour, paper="#000000"):
    """Fractions of sRGB, of a colour that may be see-through over a paper."""
    if colour.startswith("#"):
        return np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    *parts, alpha = (float(x) for x in re.findall(r"[\d.]+", colour))
    return alpha * np.array(parts) / 255 + (1 - alpha) * rgb(paper)


def linear(colour):
    return np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """WCAG's ratio of two sRGB colours."""
    low, high = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(light):
    """CIE L*a*b* of linear RGB, under D65."""
    t = XYZ @ light / (XYZ @ np.ones(3))
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def seen(colour, how):
    """L*a*b* of a colour as somebody with this colour vision sees it."""
    light = linear(rgb(colour))
    return lab(np.clip(np.array(BLIND[how]) @ light, 0, 1) if how else light)


def test_the_measures_are_those_of_the_standards():
    assert contrast(rgb("#000000"), rgb("#ffffff")) == pytest.approx(21)
    assert contrast(rgb("#777777"), rgb("#ffffff")) == pytest.approx(4.48, abs=0.005)  # WebAIM's example
    assert lab(linear(rgb("#ff0000"))) == pytest.approx([53.24, 80.09, 67.20], abs=0.05)  # Lindbloom
    for matrix in BLIND.values():  # whoever cannot tell colours apart still sees grey as grey
        assert np.array(matrix) @ np.ones(3) == pytest.approx(np.ones(3), abs=1e-5)


@pytest.mark.parametrize("ink", INKS.values(), ids=INKS)
def test_text_and_lines_stand_out_from_the_paper(ink):
    paper = rgb(ink.paper)
    for colour in (ink.text, ink.muted, *(arm.colour for arm in ink.arms)):  # an arm's name is written in its colour
        assert contrast(rgb(colour), paper) >= TEXT, colour
    assert contrast(rgb(ink.zero), paper) >= GRAPHIC  # the line of no difference, axes


@pytest.mark.parametrize("ink", INKS.values(), ids=INKS)
def test_a_line_and_a_word_stand_out_from_the_bands_they_cross(ink):
    for band in (ink.neutral_band, *(arm.band for arm in ink.arms)):
        under = rgb(band, ink.paper)
        for arm in ink.arms:
            assert contrast(rgb(arm.colour), under) >= GRAPHIC, (arm.colour, band)
        assert contrast(rgb(ink.text), under) >= TEXT
        assert contrast(rgb(ink.muted), under) >= TEXT, band


@pytest.mark.parametrize("how", ["", *BLIND])
@pytest.mark.parametrize("ink", INKS.values(), ids=INKS)
def test_the_arms_stay_apart_for_every_eye(ink, how):
    one, other = (seen(arm.colour, how) for arm in ink.arms)
    assert np.linalg.norm(one - other) >= APART


@pytest.mark.parametrize("ink", INKS.values(), ids=INKS)
def test_the_arms_differ_without_colour_too(ink):
    one, other = ink.arms
    assert one.dash != other.dash and one.symbol != other.symbol


def test_an_arm_looks_alike_on_both_papers():
    for light, dark in zip(theme.LIGHT.arms, theme.DARK.arms, strict=True):
        assert (light.dash, light.symbol) == (dark.dash, dark.symbol)
        hues = [np.arctan2(*seen(arm.colour, "")[:0:-1]) for arm in (light, dark)]
        assert abs(hues[0] - hues[1]) < np.radians(25)  # a blue stays a blue


@pytest.mark.parametrize("how", ["", *BLIND])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_kinds_of_days_have_another_lightness_or_another_sign(dark, how):
    inks = {state: ink.dark if dark else ink.light for state, ink in participants_states.STATES.items()}
    for one, other in combinations(DayState, 2):
        apart = np.linalg.norm(seen(inks[one], how) - seen(inks[other], how))
        assert apart >= APART or participants_states.STATES[one].sign != participants_states.STATES[other].sign


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_words_on_tinted_cells_can_be_read(dark):
    ink = theme.DARK if dark else theme.LIGHT
    for tint in tipping_strip.TINTS.values():
        assert contrast(rgb(ink.text), rgb(tint[dark])) >= TEXT


@pytest.mark.parametrize("name", ["light", "dark"])
def test_the_pages_own_colours(name):
    colours = CONFIG[name]
    for paper in (
        colours["backgroundColor"],
        colours["secondaryBackgroundColor"],
        colours["sidebar"]["backgroundColor"],
    ):
        for word in ("textColor", "linkColor", "primaryColor"):
            assert contrast(rgb(colours[word]), rgb(paper)) >= TEXT, (word, paper)
