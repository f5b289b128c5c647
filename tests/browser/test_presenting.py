"""In a real browser: Back goes through states, a copied link says all, keys turn slides."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from keys import hold
from reading import CURVE, PATHS, WAIT, address_has, app_is_whole, flip, open_page, rests, shows, still, unharmed
from slide_order import SLIDES
from sweeps import others_slow

sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.browser
FITS = """() => { const slide = document.querySelector('.st-key-slide'), r = slide.getBoundingClientRect();
  const inside = e => { const q = e.getBoundingClientRect(); return q.left >= r.left - 1 && q.right <= r.right + 1 &&
    q.top >= r.top - 1 && q.bottom <= r.bottom + 1; };
  const parts = [...slide.querySelectorAll('.ketadash-slide, .ketadash-plot, .ketadash-turn')];
  const boxes = parts.map(e => e.getBoundingClientRect()).filter(b => b.width && b.height);
  const apart = (a, b) =>
    a.right <= b.left + 1 || b.right <= a.left + 1 || a.bottom <= b.top + 1 || b.bottom <= a.top + 1;
  return { inside: parts.every(inside), apart: boxes.every((a, i) => boxes.slice(i + 1).every(b => apart(a, b))),
    page: [document.documentElement.scrollWidth <= innerWidth, document.documentElement.scrollHeight <= innerHeight],
    slide: slide.scrollHeight <= slide.clientHeight, sidebar: !!document.querySelector('.stSidebar')?.clientWidth,
    type: Math.min(...[...slide.querySelectorAll('p, h1')].map(e => parseFloat(getComputedStyle(e).fontSize))) }; }"""

ALONE = """seen => {
  const heads = [...document.querySelectorAll('.ketadash-slide h1')];
  return heads.length === 1 && !seen.includes(heads[0].innerText)
    && !document.querySelector('.st-key-slide [data-stale=true]');
}"""


def slide(page, question):
    """The slide that asks this is drawn."""
    page.locator(".ketadash-slide .asked").get_by_text(question).wait_for(timeout=WAIT)
    page.wait_for_function(
        "[...document.querySelectorAll('.st-key-slide .ketadash-plot')].every(n => n.dataset.drawn)", timeout=WAIT
    )


def place(page, number):
    page.locator(".ketadash-turn").get_by_text(f"{number} / {len(SLIDES)}").wait_for(timeout=WAIT)


def visible_kinds(page):
    return page.locator(".st-key-slide .ketadash-plot").last.evaluate(
        "n => [...new Set(n.data.filter(t => t.visible !== false).map(t => t.fill ? 'band' : t.mode))].sort()"
    )


@pytest.mark.parametrize("slides", others_slow([SLIDES, SLIDES[:4]], SLIDES[:4]), ids=len)
def test_a_presenter_opens_a_link_and_arrows_through_all_pages(site, reader, slides):
    reader.set_viewport_size({"width": 1280, "height": 720})
    reader.goto(f"{site}/?present=on&missing=missing")
    place(reader, 1)
    seen = []
    for number, page in enumerate(slides, 1):
        place(reader, number)
        for step in (1, 2, 3) if page in ("abstinence", "heavy_drinking") else ():
            kinds = [["markers"], ["lines", "markers"], ["band", "lines", "markers"]][step - 1]
            reader.wait_for_function(
                "kinds => { const plots = [...document.querySelectorAll('.st-key-slide .ketadash-plot')];"
                " return plots.length === 1 && JSON.stringify([...new Set((plots[0].data ?? []).filter("
                "t => t.visible !== false).map(t => t.fill ? 'band' : t.mode))].sort()) === JSON.stringify(kinds); }",
                arg=kinds,
                timeout=WAIT,
            )
            assert visible_kinds(reader) == kinds
            reader.wait_for_function(
                "step => (new URLSearchParams(location.search).get('step') ?? '3') === step",
                arg=str(step),
                timeout=WAIT,
            )
            if step < 3:
                reader.keyboard.press("Space" if step == 1 else "ArrowRight")
        reader.wait_for_function(ALONE, arg=seen, timeout=WAIT)  # the slide before goes when the run has ended
        seen.append(reader.locator(".ketadash-slide h1").inner_text())
        fits = reader.evaluate(FITS)
        assert fits["inside"] and fits["apart"] and fits["slide"] and all(fits["page"]), (page, fits)
        assert not fits["sidebar"] and fits["type"] >= 14
        shows(reader.locator(".st-key-slide"), "Synthetic data")
        shows(reader.locator(".st-key-slide .marks"), "missing days = left out")
        address_has(reader, f"/{PATHS[page]}?", "missing=missing")
        if number < len(slides):
            reader.keyboard.press("ArrowRight")
    assert len(set(seen)) == len(slides)
    reader.keyboard.press("ArrowLeft")
    place(reader, len(slides) - 1)
    reader.keyboard.press("Escape")
    app_is_whole(reader)
    reader.wait_for_function(
        "!location.search.includes('present') && location.search.includes('missing=missing')", timeout=WAIT
    )


@pytest.mark.slow
def test_a_slide_fits_a_large_screen_and_its_type_grows_with_it(site, reader):
    reader.set_viewport_size({"width": 1920, "height": 1080})
    reader.emulate_media(color_scheme="dark")
    reader.goto(f"{site}/{PATHS['relapse']}?present=on&endpoint=first+use")
    slide(reader, "How long until the first use?")
    fits = reader.evaluate(FITS)
    assert fits["inside"] and fits["apart"] and fits["slide"] and all(fits["page"]) and fits["type"] >= 21
    address_has(reader, "endpoint=first+use", "present=on")


@pytest.mark.slow
@pytest.mark.parametrize("words", [("missing",), pytest.param(("missing", "linear"), marks=pytest.mark.slow)])
def test_back_and_forward_go_through_states_and_pages(site, reader, words):
    reader.goto(f"{site}/{PATHS['abstinence']}")
    app_is_whole(reader)
    rests(reader)
    for word in words:
        entries = reader.evaluate("history.length")
        flip(reader, word)
        reader.wait_for_function("n => history.length === n", arg=entries + 1, timeout=WAIT)
        rests(reader)
    open_page(reader, "relapse")
    reader.get_by_role("heading", name="How long until relapse?").wait_for(timeout=WAIT)
    reader.wait_for_function("location.search.includes('missing=missing')", timeout=WAIT)
    rests(reader)
    main = reader.get_by_test_id("stMain")
    states = (
        "Published analysis",
        "Exploratory: differs in missing days = left out",
        "Exploratory: differs in missing days = left out; linear time trend",
    )[: len(words) + 1]
    for go, status in (*((reader.go_back, state) for state in reversed(states)), (reader.go_forward, states[1])):
        go()
        main.get_by_text(status, exact=True).wait_for(timeout=WAIT)
        assert urlsplit(reader.url).path == f"/{PATHS['abstinence']}"
        rests(reader)


@pytest.mark.slow
def test_the_copied_link_says_every_choice_and_opens_the_same_state(browser, site, reader):
    reader.context.grant_permissions(["clipboard-read", "clipboard-write"])
    reader.goto(f"{site}/{PATHS['relapse']}?dropout=censored&endpoint=first+heavy+day")
    app_is_whole(reader)
    reader.get_by_role("button", name="Copy link").click()
    reader.get_by_text("Copied: every choice").wait_for(timeout=WAIT)
    link = reader.evaluate("navigator.clipboard.readText()")
    told = {key: value for key, (value,) in parse_qs(urlsplit(link).query).items()}
    assert told["v"] == "1" and told["dropout"] == "censored" and told["endpoint"] == "first heavy day"
    assert told["missing"] == "drinking" and told["level"] == "95%" and told["identifiers"] == "shown"
    stranger = browser.new_context().new_page()
    stranger.goto(link)
    app_is_whole(stranger)
    for page in (reader, stranger):
        shows(page.get_by_test_id("stMain"), "Exploratory: differs in dropout = censored")
        sync_api.expect(page.get_by_role("radio", name="first heavy day")).to_be_checked(timeout=WAIT)
    stranger.context.close()


@pytest.mark.slow
def test_a_state_is_kept_opened_again_and_compared(site, reader):
    reader.goto(f"{site}/{PATHS['abstinence']}?missing=missing")
    app_is_whole(reader)
    side = reader.get_by_test_id("stSidebar")
    side.get_by_text("Keep this state").click()
    side.get_by_label("Name").fill("Left out")
    side.get_by_label("Name").press("Enter")
    side.get_by_role("button", name="Keep", exact=True).click()
    side.get_by_role("button", name="Left out").wait_for(timeout=WAIT)
    reader.get_by_role("button", name="Back to the published analysis").click()
    reader.get_by_text("Published analysis", exact=True).wait_for(timeout=WAIT)
    open_page(reader, "overview")
    reader.get_by_role("heading", name="Who did better").wait_for(timeout=WAIT)
    side.get_by_role("button", name="Left out").click()
    reader.get_by_role("heading", name="Were people abstinent").wait_for(timeout=WAIT)
    reader.get_by_text("Exploratory: differs in missing days = left out").wait_for(timeout=WAIT)
    reader.wait_for_function("location.search === '?missing=missing'", timeout=WAIT)
    reader.locator(f".st-key-{CURVE} .ketadash-plot[data-drawn]").wait_for(timeout=WAIT)

    side.get_by_role("link", name="Compare two states").click()
    reader.get_by_text("They differ in one choice").wait_for(timeout=WAIT)
    first, second = (reader.locator(f".st-key-compare_{k} .ketadash-plot[data-drawn]") for k in ("first", "second"))
    second.wait_for(timeout=WAIT)
    axes = "n => [n.layout.xaxis.range, n.layout.yaxis.range]"
    assert first.evaluate(axes) == second.evaluate(axes)
    lines = "n => n.data.filter(t => t.mode === 'lines' && !t.fill).flatMap(t => t.y)"
    assert first.evaluate(lines) != second.evaluate(lines)


def test_quick_presses_are_as_many_slides(site, reader):
    reader.goto(f"{site}/?present=on")
    place(reader, 1)
    for _ in range(4):  # to Abstinence, which is built in three steps, and on
        reader.keyboard.press("ArrowRight")
    reader.wait_for_function("location.pathname.endsWith('/heavy-days')", timeout=WAIT)
    place(reader, 3)
    reader.wait_for_function("location.search.includes('step=1')", timeout=WAIT)
    reader.keyboard.press("ArrowLeft")
    reader.keyboard.press("Escape")
    app_is_whole(reader)
    reader.wait_for_function("!location.search.includes('present')", timeout=WAIT)
    unharmed(reader)


@pytest.mark.parametrize("page", SLIDES)
@pytest.mark.slow
def test_an_arrow_held_down_turns_on_every_page_and_the_keys_live_on(site, reader, page):
    reader.goto(f"{site}/{PATHS[page]}?present=on")
    place(reader, number := SLIDES.index(page) + 1)
    key, other = ("ArrowLeft", "ArrowRight") if number == len(SLIDES) else ("ArrowRight", "ArrowLeft")
    hold(reader, key, 40)
    elsewhere = re.compile(rf"^\s*(?!{number} /)\d+ / ")
    reader.locator(".ketadash-turn span").filter(has_text=elsewhere).first.wait_for(timeout=WAIT)
    unharmed(reader)
    hold(reader, other, 10)
    sync_api.expect(reader.locator(".ketadash-turn")).to_have_count(1, timeout=WAIT)  # that of the slide before goes
    reader.keyboard.press("Escape")
    reader.get_by_text("Missing days counted as").first.wait_for(timeout=WAIT)
    unharmed(reader)


def test_a_press_from_another_slide_or_without_sense_turns_nothing(site, reader):
    reader.goto(f"{site}/{PATHS['nnt']}?present=on")
    place(reader, number := SLIDES.index("nnt") + 1)
    reader.wait_for_function("window.ketadashStage?.shown", timeout=WAIT)
    for press in ('{turn: "next", from: "overview/3"}', '{turn: "next"}', '"next"', "7", "[]", "{turn: {}, from: {}}"):
        reader.evaluate(f"window.ketadashStage.shown.send({press})")
        reader.wait_for_function(
            "document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'", timeout=WAIT
        )
        place(reader, number)
        unharmed(reader)
    reader.keyboard.press("ArrowRight")
    place(reader, number + 1)


LOSE_ONE = "(s => { const { send } = s; s.send = () => { s.send = send; }; })(window.ketadashStage.shown)"


def test_a_press_that_got_lost_on_its_way_turns_all_the_same(site, reader):
    reader.goto(f"{site}/{PATHS['nnt']}?present=on")
    place(reader, number := SLIDES.index("nnt") + 1)
    reader.wait_for_function("window.ketadashStage?.shown", timeout=WAIT)
    still(reader)
    reader.evaluate(LOSE_ONE)
    reader.keyboard.press("ArrowRight")
    place(reader, number + 1)
    unharmed(reader)
    still(reader)
    reader.evaluate(LOSE_ONE)
    reader.keyboard.press("Escape")
    reader.wait_for_function("!window.ketadashStage.shown && !location.search.includes('present')", timeout=WAIT)
    unharmed(reader)


@pytest.mark.slow
def test_a_press_between_two_runs_of_the_page_waits_for_the_slide(site, reader):
    reader.goto(f"{site}/{PATHS['nnt']}?present=on")
    place(reader, number := SLIDES.index("nnt") + 1)
    reader.wait_for_function("window.ketadashStage?.shown", timeout=WAIT)
    still(reader)
    reader.evaluate("window.was = window.ketadashStage.shown; window.ketadashStage.shown = null")
    reader.keyboard.press("ArrowRight")
    reader.evaluate("window.ketadashStage.shown = window.was")
    place(reader, number + 1)
    unharmed(reader)
