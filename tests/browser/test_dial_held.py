"""In a real browser: the dial of the missing days on every page that has it, turned by a key that is held down."""

from urllib.parse import parse_qs, urlsplit

import pytest
from keys import hold
from reading import PATHS, WAIT, still, unharmed

pytestmark = pytest.mark.browser


def said(page):
    return {key: value for key, (value,) in parse_qs(urlsplit(page.url).query).items()}


# The sample's active arm has no missing day: its own dial under the picture is no use there, and cannot be moved.
DIALS = [("missing_days", dial) for dial in ("dial_control", "imor-control", "imor-active")]
DIALS += [(page, "imor-control") for page in PATHS if page != "missing_days"]


@pytest.mark.parametrize(("page", "dial"), DIALS)
@pytest.mark.slow
def test_a_dial_turned_by_a_key_held_down_ends_where_it_must(site, reader, page, dial):
    reader.goto(f"{site}/{PATHS[page]}?missing=dial")
    thumb = reader.locator(f".st-key-{dial} input[type=range]")
    thumb.wait_for(state="attached", timeout=WAIT)
    still(reader, computed=False)
    arm = dial.removeprefix("dial_").removeprefix("imor-")
    for key, end in (("ArrowRight", "inf"), ("ArrowLeft", "0"), ("ArrowRight", "inf")):  # there, back, and there again
        thumb.focus()
        hold(reader, key, 60)
        for _ in range(20):  # an answer to an earlier press may have taken the focus, or set the thumb
            unharmed(reader)
            still(reader, computed=False)
            if said(reader).get(f"imor-{arm}") == end:
                break
            thumb.focus()
            reader.keyboard.press(key)
        assert said(reader)[f"imor-{arm}"] == end
        unharmed(reader)
