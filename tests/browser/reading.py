"""What a visitor does and sees on a page, for the tests of this folder."""

from waiting import HANG_S

from ketadash.questions.registry import QUESTIONS

PATHS = {q.key: q.path for q in QUESTIONS}
_MENUS = {q.key: q.group.value for q in QUESTIONS}
CURVE = "abstinence_curve"
WAIT = 1000 * HANG_S  # ms; a guard against what hangs, not a bar
# Frames, not seconds: a busy machine draws fewer of them.
STILL = """async (computed) => {
  const app = () => document.querySelector('[data-testid="stApp"]');
  const rests = () => app()?.dataset.testScriptState === 'notRunning'
    && !document.querySelector('[data-testid="stStatusWidget"], [data-testid*="keleton"]')
    && !(computed && document.querySelector('.stProgress'))
    && [...document.querySelectorAll('.ketadash-plot')].every(n => n.dataset.drawn || !n.clientWidth);
  let moved = false;
  const observer = new MutationObserver(() => { moved = true; });
  observer.observe(document.documentElement, { subtree: true, childList: true, characterData: true });
  for (let frames = 0; frames < 40; frames++) {
    moved = false;
    await new Promise(requestAnimationFrame);
    if (moved || !rests()) frames = 0;
  }
  observer.disconnect();
}"""

# Opens the menu that has the page, or the one of all that found no room, and follows the link in the same frame: a run
# of the page in between could take the menu away.  On a phone the links are in the drawer.
TURN = """async ([path, menu]) => {
  const links = '[data-testid=stTopNavDropdownLink], [data-testid=stSidebarNavLink]';
  const link = () => [...document.querySelectorAll(links)].find(a => new URL(a.href).pathname === '/' + path);
  const heads = () =>
    [...document.querySelectorAll('[data-testid=stTopNavSection]')].filter(b => !b.closest('[inert]'));
  for (let frames = 0; !link(); frames++) {
    const head = heads().find(b => b.innerText.trim() === menu) ?? heads().find(b => b.innerText.endsWith(' more'));
    if (frames % 20 === 0 && head?.ariaExpanded === 'false') head.click();
    await new Promise(requestAnimationFrame);
  }
  link().click();
}"""


def open_page(page, key: str) -> None:
    """Turn to a page by its link in the navigation, at any width; also to the one that is open."""
    page.evaluate(TURN, [PATHS[key], _MENUS[key]])
    page.wait_for_function("path => location.pathname === path", arg=f"/{PATHS[key]}", timeout=WAIT)


def still(page, computed: bool = True) -> None:
    """The script has run, every picture in sight is drawn, long work is `computed`, and nothing has moved since."""
    page.evaluate(STILL, computed)


def rests(page) -> None:
    """The page's history has taken in where it is, and a change now is an entry of its own."""
    page.wait_for_function(
        """() => { const it = window.ketadashHistory, now = Date.now();
      return it?.data && it.last?.url === location.href && !it.pending
        && now > it.quiet && now - it.pushed > 1600; }""",
        timeout=WAIT,
    )
    still(page)


def shows(part, text: str) -> None:
    """A part of a page comes to hold this text: what is asserted is waited for, not something that comes before it."""
    from playwright.sync_api import expect  # conftest.py reads this file where there is no Playwright too

    expect(part).to_contain_text(text, timeout=WAIT)


def gone(part) -> None:
    """A part of a page is there no more, or never was."""
    from playwright.sync_api import expect

    expect(part).to_have_count(0, timeout=WAIT)


def address_has(page, *parts: str) -> None:
    """Each of these comes to stand in the address."""
    page.wait_for_function("parts => parts.every(p => location.href.includes(p))", arg=list(parts), timeout=WAIT)


def app_is_whole(page) -> None:
    """Controls, title and picture are there, and no exception."""
    page.get_by_text("Missing days counted as").first.wait_for(timeout=WAIT)
    page.locator("h1").wait_for(timeout=WAIT)
    page.locator(".ketadash-plot[data-drawn]").first.wait_for(timeout=WAIT)
    assert page.get_by_test_id("stException").count() == 0


def unharmed(page) -> None:
    """No exception, no word of one, and the server is there."""
    assert page.get_by_test_id("stException").count() == 0
    text = page.locator("body").inner_text()
    assert "Something went wrong" not in text and "Connection error" not in text


def curve(page, key: str = CURVE) -> list[float]:
    """The modelled curves in the page's picture `key`, both arms one after the other."""
    return page.locator(f".st-key-{key} .ketadash-plot").evaluate(
        "n => n.data.filter(t => t.mode === 'lines' && !t.fill).flatMap(t => t.y)"
    )


def flip(page, word: str, key: str = CURVE) -> None:
    """Choose `word` among the buttons (as links have it) and wait until the picture `key` is drawn again."""
    node = page.locator(f".st-key-{key} .ketadash-plot")
    drawn = int(node.get_attribute("data-drawn"))
    on_screen = {"missing": "left out", "dial": "your assumption…", "more": "other rules…"}.get(word, word)
    page.get_by_role("radio", name=on_screen, exact=True).click()
    page.wait_for_function(
        "([key, n]) => Number(document.querySelector(`.st-key-${key} .ketadash-plot`).dataset.drawn) > n",
        arg=[key, drawn],
        timeout=WAIT,
    )
