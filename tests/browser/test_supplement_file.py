"""The file with its toggles, opened from a disk with the network cut: in each state it says what the pages say."""

import json
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from reading import WAIT
from sweeps import others_slow

from ketadash.core.spec import AnalysisSpec, PValues
from ketadash.export.provenance import stamp
from ketadash.export.supplement.content import METHODS, Order, Pages, statuses
from ketadash.export.supplement.document import document
from ketadash.export.supplement.made import Made
from ketadash.export.supplement.states import plan
from ketadash.trial import resolve

ORDERS = {
    "few": Order(("nnt", "abstinence", "relapse"), PValues.SHOWN, suppress=False),
    "whole": Order(("overview", "abstinence", "relapse", "nnt"), PValues.SHOWN, suppress=False),  # which fits most
}
FIRST = ORDERS["few"].pages[0]
ALIVE = ("missing", "dropout")
SAID = """() => {
  const own = node => node.innerText ?? node.textContent;
  return [...document.querySelectorAll('main section')].map(section => ({
    question: own(section.querySelector('h2')),
    answer: section.querySelector('.answer')?.textContent ?? '',
    doubts: [...section.querySelectorAll('.doubt')].map(node => node.textContent),
    rows: [...section.querySelectorAll('tbody tr')].map(row => [...row.cells].map(cell => cell.textContent)),
    cards: [...section.querySelectorAll('article')].map(node => [...node.children].map(part => part.textContent)),
    alts: [...section.querySelectorAll('.plot')].map(node => node.getAttribute('aria-label')),
  }));
}"""


def made(sample, order):
    """The analysis, the states, what each says, and where that comes from."""
    chosen = AnalysisSpec(imputations=1)  # what a state says is the same whatever it took to compute
    spec = resolve(sample, chosen)[0]
    origin = stamp(sample, chosen, spec, when=datetime(2026, 1, 2, tzinfo=UTC))
    states = plan(sample, chosen, ALIVE)
    pages, done = Pages(sample, order, origin), Made()
    for state in states.valid:
        done.take(pages.made, state.place, pages.marks(state.spec))
    return spec, states, done, origin


def written(sample, held, order, folder):
    """The address of the file."""
    spec, states, done, origin = held
    path = folder / "trial.html"
    path.write_bytes(document(sample, spec, states, order, origin, done))
    return path.as_uri()


@pytest.fixture(scope="module")
def held(sample):
    return made(sample, ORDERS["few"])


@pytest.fixture(scope="module")
def address(sample, held, tmp_path_factory):
    return written(sample, held, ORDERS["few"], tmp_path_factory.mktemp("supplement"))


@pytest.fixture
def reviewer(browser):
    """A page without any network, what it has asked for, and what went wrong in it."""
    page = browser.new_page(viewport={"width": 1366, "height": 768}, offline=True)
    page.asked, page.errors = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("console", lambda message: page.errors.append(message.text))
    yield page
    page.close()


def opened(page, address, link=""):
    page.goto(f"{address}#{link or 'start'}")
    page.wait_for_function("() => document.body.dataset.drawn !== undefined", timeout=WAIT)


def at(page, place, key):
    page.wait_for_function("at => document.body.dataset.drawn === at", arg=f"{place} {key}", timeout=WAIT)


@pytest.mark.parametrize("pages", others_slow(ORDERS, "few"))
def test_every_state_says_what_the_pages_say_and_asks_nobody(sample, request, reviewer, tmp_path, pages):
    order, one_of = ORDERS[pages], 9 if pages == "few" else 1
    held = request.getfixturevalue("held") if pages == "few" else made(sample, order)
    address = written(sample, held, order, tmp_path)
    _, states, done, _ = held
    opened(reviewer, address)
    for state in states.valid[::one_of]:
        for key in order.pages:
            link = urlencode([*state.link, *([("page", key)] if key != order.pages[0] else [])])
            reviewer.evaluate("link => { location.hash = link || 'start'; }", link)
            at(reviewer, state.place, key)
            expected = json.loads(done.page(state.place, key))
            shown = reviewer.evaluate(SAID)
            assert [one["question"] for one in shown] == [one["question"] for one in expected]
            assert [one["answer"] for one in shown] == [one["answer"] for one in expected]
            assert [one["doubts"] for one in shown] == [one["doubts"] for one in expected]
            assert [one["cards"] for one in shown] == [[[*c.values()] for c in one["cards"]] for one in expected]
            rows = [[row for table in one["tables"] for row in table["rows"]] for one in expected]
            assert [one["rows"] for one in shown] == rows
            assert [one["alts"] for one in shown] == [[p["alt"] for p in one["pictures"]] for one in expected]
            status = statuses(sample, state.spec, [key])[key]
            assert reviewer.locator("header .badge").last.inner_text() == status
    assert reviewer.errors == []
    assert all(url.startswith((address, "blob:", "data:")) for url in reviewer.asked)


def test_the_curve_moves_under_the_hand_and_the_address_is_the_state(address, held, reviewer):
    opened(reviewer, address, "page=abstinence")
    at(reviewer, "0.0", "abstinence")
    lines = "() => document.querySelector('.plot').data.filter(t => t.mode === 'lines').map(t => [...t.y])"
    before = reviewer.evaluate(lines)
    reviewer.get_by_role("radio", name="left out").click()
    at(reviewer, "1.0", "abstinence")
    assert reviewer.evaluate(lines) != before
    assert "missing=missing" in reviewer.url
    reviewer.reload()
    at(reviewer, "1.0", "abstinence")
    assert reviewer.get_by_role("radio", name="left out").is_checked()
    reviewer.get_by_role("button", name="Back to how the file was made").click()
    at(reviewer, "0.0", "abstinence")
    assert reviewer.evaluate(lines) == before
    reviewer.go_back()
    at(reviewer, "1.0", "abstinence")


def test_a_picture_that_a_choice_does_not_change_is_not_drawn_again(address, reviewer):
    opened(reviewer, address, "page=abstinence")
    at(reviewer, "0.0", "abstinence")
    reviewer.evaluate(
        "() => { const react = Plotly.react; window.drawn = 0;"
        " Plotly.react = (...all) => { window.drawn += 1; return react(...all); }; }"
    )
    reviewer.get_by_role("radio", name="censored").click()
    reviewer.wait_for_function("() => !document.body.dataset.drawn.startsWith('0.0 ')", timeout=WAIT)
    assert reviewer.evaluate("window.drawn") == 0
    reviewer.get_by_role("radio", name="left out").click()
    reviewer.wait_for_function("() => document.body.dataset.drawn.startsWith('1.')", timeout=WAIT)
    assert reviewer.evaluate("window.drawn") == reviewer.locator(".plot").count()
    reviewer.set_viewport_size({"width": 900, "height": 768})
    reviewer.wait_for_function("() => window.drawn > document.querySelectorAll('.plot').length", timeout=WAIT)


def test_the_keyboard_flips_turns_and_sets_the_dial(address, reviewer):
    opened(reviewer, address, "page=nnt")
    at(reviewer, "0.0", "nnt")
    reviewer.get_by_role("radio", name="drinking", exact=True).focus()
    reviewer.keyboard.press("ArrowRight")
    at(reviewer, "1.0", "nnt")
    assert reviewer.evaluate("document.activeElement.parentElement.textContent") == "left out"
    reviewer.get_by_role("radio", name="your assumption").click()
    dial = reviewer.get_by_role("slider")
    dial.focus()
    reviewer.keyboard.press("Home")
    at(reviewer, "dial.0", "nnt")
    assert dial.get_attribute("aria-valuetext") == "all drinking"
    assert reviewer.evaluate("document.activeElement.type") == "range"
    reviewer.get_by_role("link", name="Abstinence").press("Enter")
    at(reviewer, "dial.0", "abstinence")


def test_a_choice_that_is_not_in_the_file_says_why(address, reviewer):
    opened(reviewer, address)
    imputed = reviewer.get_by_role("radio", name="imputed")
    assert imputed.is_disabled()
    why = imputed.locator("..").get_attribute("title")
    assert "only where missing days are imputed too" in why and "--" not in why
    assert imputed.get_attribute("aria-description") == why
    imputed.locator("..").click(force=True)  # as a finger does, which sees no title
    assert reviewer.get_by_role("alert").inner_text() == why
    reviewer.get_by_role("radio", name="censored").click()
    at(reviewer, "0.1", FIRST)
    assert reviewer.get_by_role("alert").is_hidden()
    assert reviewer.get_by_role("radio", name="your assumption").is_disabled()
    assert reviewer.errors == []


# address: what of it this file does not hold, and the state of the first page that is shown instead
NOT_HELD = {
    "dropout=nonsense": (["dropout = nonsense"], "0.0"),
    "missing=missing&dropout=nonsense": (["dropout = nonsense"], "1.0"),
    "trend=linear": (["trend = linear"], "0.0"),  # a choice of the app that the file was not made with
    "page=nothing": (["page = nothing"], "0.0"),
    "missing=dial&imor-control=3&trend=linear": (["trend = linear"], "dial.11"),
    "missing=missing&missing=worst": (["missing = worst"], "1.0"),
    "<b>=1&%E0%A4%A": (["<b> = 1"], "0.0"),
    f"x={'y' * 3000}": (["x = yyyyy"], "0.0"),
}


@pytest.mark.sweep(3)
@pytest.mark.parametrize("link", NOT_HELD)
def test_an_address_that_asks_for_what_is_not_in_the_file_is_told_so(address, reviewer, link):
    parts, where = NOT_HELD[link]
    opened(reviewer, address, link)
    at(reviewer, where, FIRST)
    told = reviewer.locator(".asked")
    assert "does not hold" in told.inner_text() and len(told.inner_text()) < 400
    assert [part for part in parts if part not in told.inner_text()] == []
    reviewer.get_by_role("link", name="Abstinence").click()  # who goes on has seen it
    at(reviewer, where, "abstinence")
    assert told.is_hidden()
    assert reviewer.errors == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_and_a_dark_screen(address, browser, scheme):
    page = browser.new_page(viewport={"width": 390, "height": 844}, offline=True, color_scheme=scheme)
    opened(page, address, "page=abstinence")
    at(page, "0.0", "abstinence")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator(".plot").first.scroll_into_view_if_needed()
    page.evaluate("document.querySelector('.plot').scrollIntoView({block: 'end'})")
    box, row = (page.locator(where).first.bounding_box() for where in (".plot", ".choices fieldset"))
    assert row["y"] >= 0  # the row of choices stays in sight above the curve
    assert row["y"] + row["height"] <= box["y"] + 1
    ink = page.evaluate("getComputedStyle(document.querySelector('.plot .gtitle, .plot text')).fill")
    assert (max(map(int, ink.removeprefix("rgb(").rstrip(")").split(",")[:3])) > 128) is (scheme == "dark")
    page.close()


def test_on_paper_the_choices_stand_as_a_line(address, reviewer):
    opened(reviewer, address, "missing=missing&page=abstinence")
    at(reviewer, "1.0", "abstinence")
    reviewer.emulate_media(media="print")
    assert reviewer.locator(".choices").is_hidden()
    assert "Missing days counted as: left out" in reviewer.locator(".choice-line").inner_text()


def test_methods_are_those_of_the_state(sample, held, address, reviewer):
    opened(reviewer, address, f"missing=missing&page={METHODS}")
    at(reviewer, "1.0", METHODS)
    spec = next(s.spec for s in held[1].valid if s.place == "1.0")
    paragraphs = json.loads(Pages(sample, ORDERS["few"], held[3]).of(spec)[METHODS])["paragraphs"]
    assert reviewer.locator("main section p").all_text_contents() == paragraphs
