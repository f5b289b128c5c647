"""What a run that is under way has not drawn anew is of the state before, and is seen to be."""

import pytest
from reading import PATHS, WAIT, app_is_whole

pytestmark = pytest.mark.browser
MARK = """selector => {
  const part = document.querySelector(selector).closest("[data-testid=stElementContainer]");
  part.dataset.stale = "true"; // as Streamlit says it
  window.part = part;
}"""


@pytest.mark.parametrize("link", ["", "&present=on"])
def test_numbers_of_the_state_before_fade_at_once_but_for_a_slide_that_was_flipped_ahead(site, reader, link):
    reader.goto(f"{site}/{PATHS['abstinence']}?missing=missing{link}")
    selector = ".st-key-slide .ketadash-slide" if link else ".ketadash-answer"
    if link:
        reader.locator(selector).first.wait_for(timeout=WAIT)
    else:
        app_is_whole(reader)
    reader.evaluate(MARK, selector)
    style = reader.evaluate("(s => [s.transitionDelay, s.transitionDuration])(getComputedStyle(window.part))")
    assert (style == ["0.15s", "0.1s"]) == (not link)
    if not link:
        reader.wait_for_function("getComputedStyle(window.part).opacity === '0.25'", timeout=WAIT)
