"""A page with a trial in memory is loaded again in a real browser: the tab knows, the link does not."""

import pytest
from person import Person
from reading import WAIT, address_has, app_is_whole, curve, gone

from ketadash.questions.data import words as words_data

pytestmark = pytest.mark.browser
ROWS = [
    f"P{i:02d},{('placebo', 'active')[i % 2]},{d},{max(0, (i * 7 + d * (2 + i % 3)) % 9 - 4)}"
    for i in range(16)
    for d in range(1, 11)
]
MINE = ("mine.csv", "\n".join(["participant_id,arm,day,drinks", *ROWS]).encode())


def notice(page):
    return page.get_by_text(words_data.FORGOTTEN)


@pytest.mark.slow
def test_a_tab_that_is_loaded_again_says_what_it_lost_until_the_file_is_back(browser, site):
    ann = Person(browser)
    ann.upload(site, MINE)
    ann.turn("abstinence")
    app_is_whole(ann.page)
    shown = curve(ann.page)
    for _ in range(2):
        ann.page.reload()
        notice(ann.page).wait_for(timeout=WAIT)
        ann.settle()
        address_has(ann.page, "data=")
        gone(ann.page.locator(".ketadash-plot"))
        gone(ann.page.get_by_text("Synthetic"))

    friend = ann.context.new_page()  # the same browser, and a link that somebody sent
    friend.goto(ann.page.url)
    friend.get_by_text("made with other data").wait_for(timeout=WAIT)
    assert notice(friend).count() == 0
    friend.close()

    ann.page.get_by_role("link", name=words_data.LOAD_AGAIN).click()
    ann.page.get_by_role("heading", name="Use my own trial").wait_for(timeout=WAIT)
    ann.page.reload()  # on this page too
    notice(ann.page).wait_for(timeout=WAIT)
    ann.upload_here(MINE)
    ann.turn("abstinence")
    app_is_whole(ann.page)
    assert curve(ann.page) == shown
    gone(notice(ann.page))

    ann.page.reload()
    ann.page.get_by_role("button", name="Open the sample trial instead").click(timeout=WAIT)
    app_is_whole(ann.page)
    gone(notice(ann.page))
    ann.page.reload()
    app_is_whole(ann.page)
    gone(notice(ann.page))
    gone(ann.page.get_by_text("made with other data"))
    ann.context.close()
