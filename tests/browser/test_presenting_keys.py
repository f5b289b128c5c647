"""In a real browser: the keys of a presentation beside the arrows, held down and pressed quickly too, and its phone."""

from itertools import product
from urllib.parse import parse_qs, urlsplit

import pytest
from keys import hold
from reading import PATHS, WAIT, still
from slide_order import SLIDES
from sweeps import others_slow

from ketadash.ui import presenting_words as words

sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.browser
RUN_ENDED = "document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'"
# Of what stands on a slide: what leaves it, what lies over what, the smallest type and button, pictures cut.
STACKED = """() => { const slide = document.querySelector('.st-key-slide'), r = slide.getBoundingClientRect();
  const parts = [...slide.querySelectorAll('.ketadash-slide, .ketadash-plot, .stProgress, .stButton')];
  const boxes = parts.map(e => e.getBoundingClientRect()).filter(b => b.width && b.height);
  const apart = (a, b) =>
    a.right <= b.left + 1 || b.right <= a.left + 1 || a.bottom <= b.top + 1 || b.bottom <= a.top + 1;
  const root = window.ketadashStage.shown.root;
  const shown = [...root.querySelectorAll('.ketadash-turn button')].filter(b => !b.hidden && !b.disabled);
  return { wide: boxes.every(b => b.left >= -1 && b.right <= innerWidth + 1), sideways: slide.scrollWidth <= innerWidth,
    apart: boxes.every((a, i) => boxes.slice(i + 1).every(b => apart(a, b))),
    whole: [...slide.querySelectorAll('.ketadash-plot')].every(n => { const s = n.querySelector('svg.main-svg');
      return Math.abs(s.clientWidth - n.clientWidth) <= 1 && Math.abs(s.clientHeight - n.clientHeight) <= 1; }),
    type: Math.min(...[...slide.querySelectorAll('p, h1, td')].map(e => parseFloat(getComputedStyle(e).fontSize))),
    reached: (slide.scrollTo(0, 1e6), [...slide.querySelectorAll('.rests')].every(
      e => e.getBoundingClientRect().bottom <= root.querySelector('.ketadash-turn').getBoundingClientRect().top)),
    buttons: Math.min(...shown.map(b => Math.min(b.clientWidth, b.clientHeight))) + 2 }; }"""


SIZES = [(1366, 768), (1280, 720), (1280, 900)]
LINKS = ["", "&adjust=unadjusted&missing=missing", "&missing=missing"]


def opened(page, site, key, link=""):
    page.goto(f"{site}/{PATHS[key]}?present=on{link}")
    there(page, key)


def there(page, key):
    """That page's slide is shown, is drawn, and takes presses."""
    place(page, f"{SLIDES.index(key) + 1} / {len(SLIDES)}")
    page.wait_for_function(
        "key => window.ketadashStage?.shown?.page === key && location.search.includes('present=on')"
        " && [...document.querySelectorAll('.st-key-slide .ketadash-plot')].every(n => n.dataset.drawn)",
        arg=key,
        timeout=WAIT,
    )


def place(page, text):
    page.locator(".ketadash-turn [role=status]").get_by_text(text, exact=True).wait_for(timeout=WAIT)


def lies_over(page, over):
    page.wait_for_function("over => window.ketadashStage?.over === over", arg=over, timeout=WAIT)
    assert page.locator(".ketadash-over:visible").count() == (1 if over else 0)


def link(page):
    return {key: value for key, (value,) in parse_qs(urlsplit(page.url).query).items()}


def rule(page, short):
    """That rule holds, and no press is under way or waits for its turn."""
    page.wait_for_function("(s => s.shown && !s.asked && !s.waiting.length)(window.ketadashStage)", timeout=WAIT)
    page.get_by_role("button", name=words.rule(short), exact=True).wait_for(timeout=WAIT)
    page.wait_for_function(RUN_ENDED, timeout=WAIT)


def lines(page):
    return page.locator(".st-key-slide .ketadash-plot").evaluate(
        "n => n.data.filter(t => t.mode === 'lines' && !t.fill).flatMap(t => t.y)"
    )


def test_the_list_shows_every_slide_and_leads_to_one(site, reader):
    opened(reader, site, "abstinence")
    reader.keyboard.press("l")
    lies_over(reader, "list")
    items = reader.locator(".ketadash-over.list li button")
    assert items.count() == len(SLIDES)
    assert items.nth(1).get_attribute("aria-current") == "page"
    assert items.nth(1).evaluate("b => b.getRootNode().activeElement === b")
    reader.keyboard.press("Escape")
    lies_over(reader, "")
    there(reader, "abstinence")  # only the list was left
    reader.get_by_role("button", name=words.BUTTONS["list"]).click()
    reader.keyboard.press("ArrowDown")
    reader.keyboard.press("ArrowDown")
    reader.keyboard.press("Enter")
    there(reader, SLIDES[3])
    lies_over(reader, "")


@pytest.mark.slow
def test_home_end_and_a_number_lead_there_and_no_number_nowhere(site, reader):
    opened(reader, site, "abstinence")
    reader.keyboard.press("End")
    there(reader, SLIDES[-1])
    reader.keyboard.press("Home")
    there(reader, SLIDES[0])
    reader.keyboard.press("1")
    reader.keyboard.press("1")
    place(reader, f"{words.BUTTONS['to']} 11 ↵")
    reader.keyboard.press("Enter")
    there(reader, SLIDES[10])
    reader.keyboard.type("99")
    reader.keyboard.press("Enter")
    place(reader, words.BUTTONS["none"])
    reader.keyboard.type("3")
    reader.keyboard.press("Escape")  # the number, not the presentation
    there(reader, SLIDES[10])
    reader.keyboard.type("2")
    reader.keyboard.press("ArrowRight")  # a number without Enter is none
    there(reader, SLIDES[11])


@pytest.mark.slow
def test_a_number_typed_and_turns_at_once_are_taken_one_after_the_other(site, reader):
    opened(reader, site, "overview")
    reader.keyboard.press("ArrowRight")
    reader.keyboard.type("4")
    reader.keyboard.press("Enter")
    reader.keyboard.press("ArrowRight")
    there(reader, SLIDES[4])


def test_a_blank_screen_hides_the_slide_until_a_key_which_turns_nothing(site, reader):
    opened(reader, site, "nnt")
    hold(reader, "b", 10)
    lies_over(reader, "blank")
    black = reader.locator(".ketadash-over.blank")
    assert black.evaluate("b => getComputedStyle(b).backgroundColor") == "rgb(0, 0, 0)"
    assert black.bounding_box() == {"x": 0, "y": 0, "width": 1280, "height": 900}
    middle = "document.elementFromPoint(640, 450).shadowRoot?.elementFromPoint(640, 450).className"
    assert "blank" in reader.evaluate(middle)
    reader.keyboard.press("ArrowRight")
    lies_over(reader, "")
    there(reader, "nnt")
    reader.keyboard.press("b")
    black.click()
    lies_over(reader, "")


@pytest.mark.slow
def test_full_screen_comes_and_goes_and_escape_leaves_it_before_the_presentation(site, reader):
    opened(reader, site, "nnt")
    reader.keyboard.press("f")
    reader.wait_for_function("document.fullscreenElement === document.documentElement", timeout=WAIT)
    reader.keyboard.press("ArrowRight")
    there(reader, SLIDES[SLIDES.index("nnt") + 1])
    assert reader.evaluate("!!document.fullscreenElement"), "a turn leaves it as it is"
    reader.keyboard.press("Escape")
    reader.wait_for_function("!document.fullscreenElement", timeout=WAIT)
    there(reader, SLIDES[SLIDES.index("nnt") + 1])
    reader.get_by_role("button", name=words.BUTTONS["full"]).click()
    reader.wait_for_function("!!document.fullscreenElement", timeout=WAIT)
    reader.get_by_role("button", name=words.BUTTONS["leave"]).click()
    reader.wait_for_function("!document.fullscreenElement && !location.search.includes('present')", timeout=WAIT)


def test_a_question_mark_lists_the_keys(site, reader):
    opened(reader, site, "nnt")
    reader.keyboard.press("?")
    lies_over(reader, "keys")
    shown = reader.locator(".ketadash-over.keys").text_content()
    assert all(key in shown and what in shown for key, what in words.KEYS)
    reader.keyboard.press("?")
    lies_over(reader, "")


def test_the_missing_days_are_flipped_on_the_slide_and_the_link_has_it(site, reader):
    opened(reader, site, "abstinence")
    declared = lines(reader)
    rule(reader, "drinking")
    hold(reader, "m", 20)  # one press, however long
    rule(reader, "left out")
    reader.wait_for_function("location.search.includes('missing=missing')", timeout=WAIT)
    before = reader.evaluate("window.ketadashStage.shown.at")  # the same rule as in the end
    assert lines(reader) != declared
    reader.keyboard.press("ArrowRight")
    there(reader, "heavy_drinking")
    rule(reader, "left out")
    reader.keyboard.press("ArrowLeft")
    there(reader, "abstinence")
    reader.get_by_role("button", name=words.rule("left out")).click()
    rule(reader, "drinking")
    reader.wait_for_function("!location.search.includes('missing')", timeout=WAIT)
    assert lines(reader) == declared
    for _ in range(3):  # quick ones are as many flips
        reader.keyboard.press("m")
    rule(reader, "left out")
    for late in (before, "abstinence/3/drinking", "overview/3/missing"):
        reader.evaluate("from => window.ketadashStage.shown.send({turn: 'rule', from})", late)
        still(reader)
        rule(reader, "left out")
    reader.keyboard.press("Escape")
    reader.get_by_role("radio", name="left out", exact=True).wait_for(timeout=WAIT)
    sync_api.expect(reader.get_by_role("radio", name="left out", exact=True)).to_be_checked(timeout=WAIT)
    reader.wait_for_function("location.search === '?missing=missing'", timeout=WAIT)


@pytest.mark.slow
def test_a_rule_with_ratios_comes_back_as_it_was(site, reader):
    opened(reader, site, "nnt", "&missing=dial&imor-control=0.5&imor-active=2")
    rule(reader, "your assumption")
    reader.keyboard.press("m")
    rule(reader, "left out")
    reader.keyboard.press("m")
    rule(reader, "your assumption")
    reader.wait_for_function("location.search.includes('imor-active=2')", timeout=WAIT)
    assert link(reader) == {"present": "on", "missing": "dial", "imor-control": "0.5", "imor-active": "2"}


@pytest.mark.slow
def test_no_flip_where_the_other_choices_forbid_it(site, reader):
    opened(reader, site, "relapse", "&missing=dial&dropout=imputed")
    assert not reader.locator(".ketadash-turn [data-go=rule]").is_visible()
    reader.keyboard.press("m")
    place(reader, words.BUTTONS["no_rule"])
    assert link(reader)["missing"] == "dial"


@pytest.mark.parametrize("page", others_slow(["dropout", "paper", "participants", "relapse"], "relapse"))
def test_no_flip_where_the_slide_would_not_change(site, reader, page):
    opened(reader, site, page)
    assert not reader.locator(".ketadash-turn [data-go=rule]").is_visible()
    reader.keyboard.press("m")
    place(reader, words.BUTTONS["no_rule"])
    assert "missing" not in link(reader)


@pytest.mark.slow
def test_a_slide_with_nothing_to_show_is_skipped_and_not_listed(site, reader):
    left_out = "&small-cells=suppressed"
    reader.goto(f"{site}/{PATHS['chance']}?present=on{left_out}")
    place(reader, f"{SLIDES.index('chance') + 1} / {len(SLIDES) - 1}")
    assert "participants" in SLIDES and SLIDES[SLIDES.index("chance") + 1] == "participants"
    reader.keyboard.press("ArrowRight")
    reader.wait_for_function("window.ketadashStage?.shown?.page === 'safety'", timeout=WAIT)
    reader.keyboard.press("ArrowLeft")
    reader.wait_for_function("window.ketadashStage?.shown?.page === 'chance'", timeout=WAIT)
    reader.goto(f"{site}/{PATHS['participants']}?present=on{left_out}")  # a link to it is followed
    place(reader, f"– / {len(SLIDES) - 1}")
    reader.get_by_text("hold nothing that would answer it").wait_for(timeout=WAIT)
    reader.keyboard.press("ArrowRight")
    reader.wait_for_function("window.ketadashStage?.shown?.page === 'safety'", timeout=WAIT)


@pytest.mark.slow
def test_no_tool_of_the_page_stands_on_a_slide(site, reader):
    opened(reader, site, "abstinence")
    reader.mouse.move(700, 500)
    reader.wait_for_function(RUN_ENDED, timeout=WAIT)
    tools = (
        "[data-testid=stElementToolbar], [data-testid=stToolbar], [data-testid=stHeader], .modebar-btn, .ketadash-save"
    )
    assert reader.locator(tools).locator("visible=true").count() == 0


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
@pytest.mark.parametrize("key", others_slow(SLIDES, "overview"))
def test_an_upright_phone_has_one_thing_below_the_other(site, reader, key, theme):
    reader.emulate_media(color_scheme=theme)
    reader.set_viewport_size({"width": 390, "height": 844})
    opened(reader, site, key)
    seen = reader.evaluate(STACKED)
    assert seen.pop("type") >= 14 and seen.pop("buttons") >= 44, seen
    assert all(seen.values()), seen


@pytest.mark.parametrize("size", [(390, 844), (1280, 720)], ids=str)
@pytest.mark.slow
def test_a_picture_that_grows_leaves_room_for_how_far_it_is(site, reader, size):
    reader.set_viewport_size({"width": size[0], "height": size[1]})
    part = "level=90%25" if size[0] < size[1] else "level=99%25"  # each computes anew
    reader.goto(f"{site}/{PATHS['specifications']}?present=on&{part}")
    work = reader.locator(".st-key-slide_pictures")  # a run of the page has a Stop of its own
    work.get_by_role("button", name="Stop").click()
    work.get_by_role("button", name="Go on").wait_for(timeout=WAIT)
    reader.locator(".st-key-slide .ketadash-plot[data-drawn]").wait_for(timeout=WAIT)
    still(reader)
    seen = reader.evaluate(STACKED)
    assert all(seen[what] for what in ("wide", "sideways", "apart", "whole")), seen


@pytest.mark.slow
def test_a_picture_is_whole_in_whatever_window(site, reader):
    opened(reader, site, "abstinence")
    for width, height in ((1366, 768), (1024, 600), (1920, 1080), (390, 844), (844, 390), (1280, 720)):
        reader.set_viewport_size({"width": width, "height": height})
        reader.wait_for_function(
            """() => { const n = document.querySelector('.st-key-slide .ketadash-plot');
              const room = n.closest('.st-key-slide_pictures > *').getBoundingClientRect();
              const s = n.querySelector('svg.main-svg').getBoundingClientRect();
              const fits = s.height <= room.height + 2 && s.right <= innerWidth + 1;
              return Math.abs(s.width - room.width) < 2 && fits; }""",
            timeout=WAIT,
        )


@pytest.mark.parametrize("seen", others_slow(product(SIZES, LINKS), (SIZES[0], LINKS[0])), ids=str)
def test_the_overview_has_cards_that_hold_their_numbers_and_a_picture_that_is_seen(site, reader, seen):
    size, link = seen
    reader.set_viewport_size({"width": size[0], "height": size[1]})
    opened(reader, site, "overview", link)
    still(reader)
    cards = "const room = document.querySelector('.st-key-slide_pictures').getBoundingClientRect();"
    held = "e => e.scrollWidth <= e.clientWidth + 1 && e.getBoundingClientRect().bottom <= room.bottom + 1"
    every = "[...document.querySelectorAll('.ketadash-cards :is(div, p)')].every"
    assert reader.evaluate(f"(() => {{ {cards} return {every}({held}); }})()"), "a card is cut"
    room = "document.querySelector('.st-key-slide .ketadash-plot').getBoundingClientRect().height / innerHeight"
    assert reader.evaluate(room) > 0.12
