"""The navigation: menus at the top of a laptop, in the drawer of a phone."""

import pytest
from reading import PATHS, WAIT, app_is_whole, flip, open_page, shows, still
from sweeps import others_slow

from ketadash.questions.question import Group
from ketadash.questions.registry import QUESTIONS

pytestmark = pytest.mark.browser
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Mobile Safari/537.36"


@pytest.mark.parametrize("size", others_slow([(1366, 768), (820, 700), (390, 844)], (820, 700)))
def test_every_page_is_a_click_away_at_any_width_and_so_is_the_one_that_is_open(site, browser, size):
    width, height = size
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(site)
    page.locator("h1").wait_for()
    for key in ("abstinence", "abstinence", "compare", "glossary", "overview"):
        open_page(page, key)
        still(page, computed=False)
        title = next(one.title for one in QUESTIONS if one.key == key)
        shows(page.locator("h1"), title)
    page.close()


@pytest.mark.slow
def test_on_a_laptop_the_choices_do_not_stand_below_the_navigation(site, browser):
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.goto(f"{site}/{PATHS['participants']}")
    still(page, computed=False)
    side = page.get_by_test_id("stSidebar")
    assert side.get_by_role("link").count() == 0
    assert side.get_by_text("Missing days counted as").first.bounding_box()["y"] < 200
    headings = page.get_by_role("navigation", name="App pages").get_by_role("button")
    assert headings.all_inner_texts() == [group.value for group in Group]
    page.close()


def test_by_the_keyboard_menus_open_every_page_is_in_one_and_they_shut(site, browser):
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.goto(site)
    still(page, computed=False)
    names = []
    for group in Group:
        heading = page.get_by_role("button", name=group.value, exact=True)
        heading.focus()
        page.keyboard.press("Enter")
        menu = page.get_by_role("menu", name=group.value)
        menu.wait_for(timeout=WAIT)
        names += [item.inner_text() for item in menu.get_by_role("menuitem").all()]
        page.keyboard.press("Escape")
        menu.wait_for(state="detached", timeout=WAIT)
        assert heading.evaluate("n => n === document.activeElement")
    assert len(names) == len(set(names)) == len(PATHS)
    page.get_by_role("button", name="How sure").press("Enter")
    page.get_by_role("menu", name="How sure").wait_for(timeout=WAIT)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_function("path => location.pathname === path", arg=f"/{PATHS['dropout']}", timeout=WAIT)
    page.close()


@pytest.mark.slow
def test_on_a_phone_the_drawer_shuts_when_a_page_is_opened(site, browser):
    page = browser.new_page(viewport={"width": 390, "height": 844}, user_agent=PHONE, has_touch=True)
    page.goto(site)
    still(page, computed=False)
    page.get_by_role("button", name="Expand sidebar").click()
    page.get_by_test_id("stSidebar").get_by_role("link", name="Time to relapse").click()
    page.get_by_role("heading", name="How long until relapse?").wait_for(timeout=WAIT)
    page.get_by_role("button", name="Expand sidebar").wait_for(timeout=WAIT)
    page.close()


@pytest.mark.slow
def test_a_page_opened_from_the_drawer_begins_at_its_top_however_far_down_the_last_was_read(site, browser):
    page = browser.new_page(viewport={"width": 390, "height": 844}, user_agent=PHONE, has_touch=True, is_mobile=True)
    page.goto(f"{site}/{PATHS['abstinence']}")
    still(page, computed=False)
    read = "(to) => { const main = document.querySelector('[data-testid=stMain]'); if (to) main.scrollTo(0, to); "
    for link, title in (("Heavy drinking", "Did the chance"), ("Abstinence", "Were people")):
        assert page.evaluate(read + "return main.scrollTop; }", 1e6) > 844 / 2
        page.get_by_role("button", name="Expand sidebar").tap()
        page.get_by_test_id("stSidebar").get_by_role("link", name=link, exact=True).tap()
        page.get_by_role("heading", name=title).wait_for(timeout=WAIT)
        still(page, computed=False)
        assert page.evaluate(read + "return main.scrollTop; }") == 0, link
    page.close()


@pytest.mark.slow
def test_a_box_that_was_laid_open_stays_so_when_a_page_with_other_choices_is_opened(site, browser):
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.goto(f"{site}/{PATHS['abstinence']}")
    still(page, computed=False)
    box = page.get_by_test_id("stSidebar").locator("details").filter(has_text="Keep this state")
    box.locator("summary").click()
    for key in ("overview", "participants", "abstinence"):  # with one, all and no further choices at the left
        open_page(page, key)
        still(page, computed=False)
        assert box.get_attribute("open") is not None, key
    page.close()


def test_a_link_that_is_clicked_while_a_box_opens_is_followed(site, browser):
    """What the box says reaches the server after the click, of the page that is left."""
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.goto(f"{site}/{PATHS['abstinence']}")
    still(page, computed=False)
    page.get_by_role("button", name="How sure").press("Enter")
    page.get_by_role("menuitem", name="Missing days").wait_for(timeout=WAIT)
    page.evaluate("""() => {
      const summaries = [...document.querySelectorAll('[data-testid=stSidebar] summary')];
      summaries.find(n => n.innerText.includes('Keep this state')).click();
      [...document.querySelectorAll('[role=menuitem]')].find(n => n.innerText.includes('Missing days')).click();
    }""")
    page.wait_for_function("path => location.pathname === path", arg=f"/{PATHS['missing_days']}", timeout=WAIT)
    still(page, computed=False)
    assert PATHS["missing_days"] in page.url
    box = page.get_by_test_id("stSidebar").locator("details").filter(has_text="Keep this state")
    assert box.get_attribute("open") is not None  # and what the box said was not lost
    page.close()


def test_a_choice_that_stands_elsewhere_on_another_page_is_in_the_link_there(reader, site):
    """Time trend is at the left on the Overview and above the curve on Abstinence; the address knew of it no more."""
    reader.goto(site)
    app_is_whole(reader)
    open_page(reader, "abstinence")
    app_is_whole(reader)
    flip(reader, "linear")
    reader.wait_for_url("**trend=linear*")
    flip(reader, "quadratic")
    reader.wait_for_url(lambda url: "trend" not in url)
