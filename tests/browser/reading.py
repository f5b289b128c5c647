"""What a visitor does and sees on a page, for the tests of this folder."""

from ketadash.ui import frame

PATHS = {stem: path for pages in frame.PAGES.values() for stem, path, *_ in pages}
CURVE = "abstinence_curve"
WAIT = 60_000  # ms; two slow cores, a first session imports and fits


def app_is_whole(page) -> None:
    """Controls, title and picture are there, and no exception."""
    page.get_by_test_id("stSidebar").get_by_text("Missing days are").wait_for(timeout=WAIT)
    page.locator("h1").wait_for(timeout=WAIT)
    page.locator(".ketadash-plot[data-drawn]").first.wait_for(timeout=WAIT)
    assert page.get_by_test_id("stException").count() == 0


def curve(page, key: str = CURVE) -> list[float]:
    """The modelled curves in the page's picture `key`, both arms one after the other."""
    return page.locator(f".st-key-{key} .ketadash-plot").evaluate(
        "n => n.data.filter(t => t.mode === 'lines' && !t.fill).flatMap(t => t.y)"
    )


def flip(page, word: str, key: str = CURVE) -> None:
    """Choose `word` among the sidebar's buttons and wait until the picture `key` is drawn again."""
    node = page.locator(f".st-key-{key} .ketadash-plot")
    drawn = int(node.get_attribute("data-drawn"))
    page.get_by_test_id("stSidebar").get_by_role("radio", name=word, exact=True).click()
    page.wait_for_function(
        "([key, n]) => Number(document.querySelector(`.st-key-${key} .ketadash-plot`).dataset.drawn) > n",
        arg=[key, drawn], timeout=WAIT,
    )  # fmt: skip
