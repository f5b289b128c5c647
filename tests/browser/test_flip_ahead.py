"""In a real browser: the key that flips the missing days on a slide shows all of it before the server has answered."""

import pytest
from known_trials import sample_trial
from reading import PATHS, WAIT, still
from slide_order import SLIDES
from sweeps import others_slow

from ketadash.questions.registry import question
from ketadash.trial import resolve
from ketadash.ui import presenting_words as words
from ketadash.ui import slides

sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.browser
SPEC = resolve(sample_trial(), sample_trial().declared.published)[0]
FLIPS = [page for page in SLIDES if page not in slides.UNMOVED and not question(page).rule_idle(SPEC)]
# Everything that a room sees, each text with its place, each picture as it is drawn.
FACE = """(() => { const slide = document.querySelector('.st-key-slide');
  const seen = [...slide.querySelectorAll('.ketadash-slide')].filter(e => e.offsetParent !== null);
  return JSON.stringify({ texts: seen.map(e => [e.innerText, e.getBoundingClientRect()]),
    rule: window.ketadashStage.shown?.root.querySelector('[data-go=rule]').textContent,
    pictures: [...slide.querySelectorAll('.ketadash-plot')].map(n => [
      n.data.map(t => [t.name, t.x, t.y, t.text]),
      n.querySelector('svg.main-svg').getBoundingClientRect(), n.innerText]) }); })()"""


def opened(page, site, key, link=""):
    page.goto(f"{site}/{PATHS[key]}?present=on{link}")
    drawn = "[...document.querySelectorAll('.st-key-slide .ketadash-plot')].every(n => n.dataset.drawn)"
    page.wait_for_function(f"window.ketadashStage?.shown?.page === '{key}' && {drawn}", timeout=WAIT)
    foreseen(page)
    still(page)


def foreseen(page):
    """The slide has rested, and what a flip makes of it has come."""
    page.wait_for_function(
        "window.ketadashFlip?.other && window.ketadashFlip.other.at === window.ketadashStage.shown?.at"
        " && !window.ketadashFlip.back"
        " && document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'",
        timeout=WAIT,
    )


def rule(page, short):
    page.get_by_role("button", name=words.rule(short), exact=True).wait_for(timeout=WAIT)


@pytest.mark.parametrize("key", others_slow(FLIPS, "overview"))
def test_the_flip_is_whole_before_the_server_knows_of_it_and_is_what_it_says_then(site, reader, key):
    opened(reader, site, key)
    before = reader.evaluate(FACE)
    reader.evaluate("window.ketadashStage.shown.send = () => {}")  # no server hears of it
    reader.keyboard.press("m")
    rule(reader, "left out")
    ahead = reader.evaluate(FACE)
    assert ahead != before
    rule(reader, "drinking")  # nobody has answered
    assert reader.evaluate(FACE) == before
    opened(reader, site, key, "&missing=missing")
    assert reader.evaluate(FACE) == ahead


@pytest.mark.parametrize("link", others_slow(["", "&step=2"], "&step=2"))
def test_no_frame_has_a_number_of_one_rule_beside_a_word_of_the_other(site, reader, link):
    opened(reader, site, "abstinence", link)
    reader.evaluate(
        f"""() => {{ window.seen = []; const look = () => {{
          const face = {FACE}; if (JSON.parse(face).rule && face !== window.seen.at(-1)) window.seen.push(face);
          requestAnimationFrame(look); }}; look(); }}"""
    )
    for short in ("left out", "drinking"):
        reader.keyboard.press("m")
        rule(reader, short)
        foreseen(reader)
    seen = reader.evaluate("window.seen")
    assert len(seen) == 3 and seen[0] == seen[2], seen


def test_what_a_flip_shows_of_a_trial_formats_nothing(site, reader):
    opened(reader, site, "abstinence")
    texts = reader.evaluate("window.ketadashFlip.other.texts")
    assert texts and all(text.count("<script") == 0 and text.startswith('<div class="ketadash-slide') for text in texts)
