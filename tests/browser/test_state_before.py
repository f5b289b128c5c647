"""What a run of the page has not drawn anew is of the state before and cannot be read; what is of this state can."""

import json

import pytest
from reading import PATHS, WAIT, app_is_whole, still

pytestmark = pytest.mark.browser
# Streamlit marks what is of the run before, by `data-stale`, while the script runs; here as it would in each case.
MARK = """async ([selector, wholeRun]) => {
  const app = document.querySelector("[data-testid=stApp]");
  const part = document.querySelector(selector).closest("[data-testid=stElementContainer]");
  app.dataset.testScriptState = "running";
  part.dataset.stale = "true";
  document.head.insertAdjacentHTML("afterbegin", "<style>.as-streamlit-does { opacity: .33; }</style>");
  part.classList.add("as-streamlit-does");
  for (const end of document.querySelectorAll(".st-key-page_end [data-testid=stElementContainer]"))
    end.dataset.stale = String(wholeRun);
  part.style.transition = "none";
  await null; // whole_run.js is told of what was marked
  return getComputedStyle(part).opacity;
}"""
FADED, SEEN = "0.12", "1"


def opened(page, site, link=""):
    page.goto(f"{site}/{PATHS['abstinence']}?missing=missing{link}")
    if not link:
        app_is_whole(page)
        return still(page)
    page.locator(".st-key-slide .ketadash-plot[data-drawn]").first.wait_for(timeout=WAIT)
    still(page)


def test_numbers_of_the_state_before_cannot_be_read_while_the_page_is_drawn_anew(site, reader):
    opened(reader, site)
    assert reader.evaluate(MARK, [".ketadash-answer", True]) == FADED
    assert reader.evaluate(MARK, [".ketadash-plot", True]) == FADED
    assert reader.evaluate(MARK, [".st-key-choices [role=radiogroup]", True]) == SEEN


@pytest.mark.slow
def test_a_part_that_draws_itself_again_while_it_grows_does_not_blink(site, reader):
    opened(reader, site)
    assert reader.evaluate(MARK, [".ketadash-plot", False]) == SEEN


@pytest.mark.slow
def test_a_picture_sent_ahead_is_of_the_new_state_until_it_goes(site, reader):
    opened(reader, site)
    ahead = "n => { n.ketadash.aheadBoth(JSON.stringify({ data: [], layout: {} }), null); }"
    reader.locator(".ketadash-plot").first.evaluate(ahead)
    assert reader.evaluate(MARK, [".ketadash-plot", True]) == SEEN
    reader.locator(".ketadash-plot").first.evaluate("n => n.ketadash.back()")
    assert reader.evaluate(MARK, [".ketadash-plot", True]) == FADED


def test_a_slide_fades_when_it_is_turned_but_not_when_it_was_flipped_ahead(site, reader):
    opened(reader, site, "&present=on")
    part = ".st-key-slide .ketadash-slide"
    assert reader.evaluate(MARK, [part, True]) == FADED
    reader.evaluate("document.body.classList.add('ketadash-flipped')")
    assert reader.evaluate(MARK, [part, True]) == SEEN


# Streamlit marks parts while a run goes on, and writes them anew; plotly asks for the width of each text it draws.
CHANGES = """() => {
  const part = document.querySelector(".ketadash-answer").closest(".stElementContainer");
  for (let n = 0; n < 10; n++) {
    part.dataset.stale = String(n % 2 === 0);
    part.append(document.createElement("i"));
    part.offsetWidth;
  }
}"""


def test_what_changes_is_styled_anew_and_not_the_page(browser, site, reader):
    opened(reader, site)
    browser.start_tracing(page=reader, categories=["devtools.timeline"])
    reader.evaluate(CHANGES)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    styled = [
        e["args"]["elementCount"] for e in events if e["name"] == "UpdateLayoutTree" and "elementCount" in e["args"]
    ]
    on_page = reader.evaluate("document.querySelectorAll('*').length")
    assert len(styled) >= 10  # each of the ten asked for it
    assert sorted(styled)[len(styled) // 2] < on_page / 20  # a rule with :has() on the whole page: all of them
