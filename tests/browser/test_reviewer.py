"""A reviewer, who trusts nothing: flips each toggle, reads the code, downloads the JSON, and runs what he read."""

import json
import re
import shlex

import pytest
from reading import WAIT, app_is_whole, curve, flip, gone, shows

from ketadash import __main__ as cli

FLIPS = ("missing", "linear", "unadjusted", "typical")


def answer(page) -> str:
    return page.locator("p").filter(has_text=re.compile("^Over days")).first.inner_text()


def saved(page, press) -> str:
    """The text of the file that `press` brings."""
    with page.expect_download(timeout=WAIT) as coming:
        press()
    return coming.value.path().read_text(encoding="utf-8")


@pytest.fixture
def page(site, reader):
    reader.goto(f"{site}/abstinent-days")
    app_is_whole(reader)
    return reader


@pytest.mark.slow
def test_every_toggle_moves_the_curve_and_says_what_it_now_assumes(page):
    published, seen = curve(page), []
    for word in FLIPS:
        flip(page, word)
        seen.append(curve(page))
        assert seen[-1] != published and seen[-1] not in seen[:-1]
    page.get_by_text("Exploratory").first.wait_for()
    status = page.locator(".stMarkdownBadge").filter(has_text="Exploratory")
    for part in ("missing days = left out", "linear", "adjustment off", "typical"):
        shows(status, part)
    gone(page.get_by_text("A day without a report counts as a drinking day"))


@pytest.mark.slow
def test_the_code_he_reads_gives_the_number_he_sees_and_the_json_has_it(page, tmp_path, capsys):
    flip(page, "missing")
    page.get_by_text("Exploratory").first.wait_for()
    points = re.search(r"(\d+) percentage points (higher|lower)", answer(page))
    assert points is not None
    page.get_by_role("tab", name="Download").click()
    name = re.compile(r"Every result \(JSON\)")
    told = json.loads(saved(page, page.get_by_role("button", name=name).click))
    modelled = told["abstinence"]["modelled"]
    last = {row["arm"]: row["probability"] for row in modelled if row["day"] == 21}
    sign = 1 if points[2] == "higher" else -1
    assert round(100 * (last["ketamine"] - last["midazolam"])) == sign * int(points[1])
    assert sorted(curve(page)) == pytest.approx(sorted(row["probability"] for row in modelled), abs=1e-9)

    page.get_by_role("tab", name="Code").click()
    page.get_by_role("tab", name="Command").click()
    command = page.get_by_test_id("stCode").filter(has_text="ketadash analyze").first.inner_text().strip()
    words = shlex.split(command.split("|")[0])
    assert words[:2] == ["ketadash", "analyze"]
    capsys.readouterr()
    assert cli.main(words[1:]) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["abstinence"] == told["abstinence"]
