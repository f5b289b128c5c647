"""Pictures sent ahead: the curve follows the hand, and the server's answer is the same picture, drawn once."""

import pytest
from reading import WAIT, still
from waiting import until

from ketadash.core.choices import missing_choice

pytestmark = pytest.mark.browser

ROW = """async ([key, place]) => {
  const plots = [...document.querySelectorAll('.ketadash-plot')].filter((n) => n.clientWidth);
  const app = document.querySelector('[data-testid=stApp]'), before = plots.map((n) => +n.dataset.drawn);
  const frame = () => new Promise(requestAnimationFrame);
  document.querySelectorAll(`.st-key-${key} [role=radio]`)[place].click();
  while (!plots.some((n, i) => n.dataset.drawn > before[i])) await frame();
  for (let calls = 0; calls <= 40; calls++) {
    await frame();
    if (app.dataset.testScriptState !== 'notRunning') calls = 0;
  }
  return plots.map((n, i) => n.dataset.drawn - before[i]);
}"""


def settled(page, path):
    page.goto(path)
    page.wait_for_selector(".ketadash-plot .main-svg", timeout=WAIT)
    page.wait_for_function(
        "() => document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'", timeout=WAIT
    )
    still(page)


def foreseen(page, condition):
    """Load the page again until it has foreseen enough: the server takes a second and a half for it and no more."""

    def holds():
        if condition():
            return True
        page.reload()
        page.wait_for_selector(".ketadash-plot .main-svg")
        still(page)
        return condition()

    until(holds)


def _states(page, key):
    """The places of a row, or stops of a dial, whose pictures are there."""
    return page.evaluate(
        """(key) => [...(window.ketadashAhead?.parts.values() ?? [])].filter((p) => p.controls.includes(key))
      .flatMap((p) => Object.entries(p.states)).filter(([_, shown]) => Object.keys(shown).length).map(([at]) => at)""",
        key,
    )


@pytest.mark.parametrize(
    "key, places",
    [
        ("missing", (1,)),
        pytest.param("missing", (1, 0), marks=pytest.mark.slow),
        pytest.param("missing", (2, 4, 0), marks=pytest.mark.slow),
        *(pytest.param(key, (1, 0), marks=pytest.mark.slow) for key in ("trend", "curve")),
    ],
)
def test_what_was_sent_ahead_is_what_the_server_says(site, browser, key, places):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    settled(page, site + "/abstinent-days")
    for place in places:
        foreseen(page, lambda place=place: str(place) in _states(page, key))
        assert page.evaluate(ROW, [key, place]) == [1, 1], (key, place)  # drawn by what was sent, and not again
    page.close()


@pytest.mark.slow
def test_small_pictures_and_those_computed_in_the_background_are_sent_ahead_too(site, browser):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    settled(page, site)
    for key, moved in (("curve", ["abstinence", "heavy_drinking"]), ("dropout", ["relapse"])):
        foreseen(page, lambda key=key, moved=moved: _sent(page, key) == [f"spark_{name}" for name in moved])
    settled(page, site + "/what-if")
    for _ in range(2):  # the map and the assumptions of both trends are computed
        still(page)
        page.get_by_test_id("stSidebar").get_by_role("radio", name="linear", exact=True).click()
        still(page)
        page.get_by_test_id("stSidebar").get_by_role("radio", name="quadratic", exact=True).click()
    still(page)
    foreseen(page, lambda: _sent(page, "trend") == ["assumptions", "missing_curve", "tipping_map"])
    plots = page.locator(".ketadash-plot").all()
    keys = [n.evaluate("n => n.closest('[class*=st-key-]').className.match(/st-key-(\\S+)/)[1]") for n in plots]
    moved = page.evaluate(ROW, ["trend", 1])
    assert {key: n for key, n in zip(keys, moved, strict=True) if n} == dict.fromkeys(_sent(page, "trend"), 1)
    page.close()


def _sent(page, key):
    """Which pictures are there for the other words of a row."""
    found = page.evaluate(
        """(key) => [...(window.ketadashAhead?.parts.values() ?? [])]
      .filter((p) => p.controls.includes(key)).flatMap((p) => Object.values(p.states)).flatMap(Object.keys)""",
        key,
    )
    return sorted(set(found))


@pytest.mark.slow
def test_the_curve_follows_the_dial_while_it_is_dragged_and_goes_back_with_it(site, browser):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    settled(page, site + "/what-if?missing=dial")
    still(page)  # the map is done
    foreseen(page, lambda: len(_states(page, "dial_control")) >= len(missing_choice.STOPS) - 1)
    curve = page.locator(".st-key-missing_curve .ketadash-plot")
    shape = "n => JSON.stringify(n.data.filter(t => /modelled/.test(t.name)).map(t => t.y))"
    thumb = page.locator(".st-key-dial_control input[type=range]")
    thumb.scroll_into_view_if_needed()
    x, y = thumb.evaluate(
        "n => { const r = n.closest('div[style*=absolute]').parentElement.getBoundingClientRect();"
        " return [r.x + r.width / 2, r.y + r.height / 2]; }"
    )
    asked = "() => document.querySelector('[data-testid=stApp]').dataset.testScriptState"
    stop = thumb.get_attribute("aria-valuetext")
    seen = {stop: curve.evaluate(shape)}
    page.mouse.move(x, y)
    page.mouse.down()
    for step in (30, 60, 90, 0):
        page.mouse.move(x + step, y, steps=3)
        page.wait_for_function(
            "([n, was]) => n.getAttribute('aria-valuetext') !== was", arg=[thumb.element_handle(), stop]
        )
        stop = thumb.get_attribute("aria-valuetext")
        if stop in seen:
            page.wait_for_function("([n, is]) => (" + shape + ")(n) === is", arg=[curve.element_handle(), seen[stop]])
        else:
            page.wait_for_function(
                "([n, was]) => !was.includes((" + shape + ")(n))", arg=[curve.element_handle(), list(seen.values())]
            )
            seen[stop] = curve.evaluate(shape)
        assert page.evaluate(asked) == "notRunning"  # the server has not been asked for anything
    page.mouse.up()
    assert len(set(seen.values())) == len(seen) > 2
    page.close()


@pytest.mark.slow
def test_a_picture_for_which_the_server_says_nothing_goes_back(site, browser):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    settled(page, site + "/abstinent-days")
    drawn = "n => document.querySelector('.st-key-abstinence_curve .ketadash-plot').dataset.drawn === String(n)"
    page.wait_for_function(drawn, arg=1)
    image = page.locator(".st-key-abstinence_curve [role=img]")
    described = image.get_attribute("aria-label")
    page.evaluate("""() => { const [part] = [...window.ketadashAhead.parts.values()];
      const [word] = Object.keys(part.states);
      window.here = document.querySelector('.st-key-abstinence_curve .ketadash-plot').ketadash;
      window.here.ahead(part.states[word].abstinence_curve, part.narrow); }""")
    page.wait_for_function(drawn, arg=2)
    page.evaluate("document.body.classList.add('ketadash-ahead')")  # as while a dial is held
    page.wait_for_function(
        "() => getComputedStyle([...document.querySelectorAll('.stMarkdown')].find((n) => "
        "n.innerText.includes('What this rests on'))).opacity < 0.5"
    )
    badge = page.locator(".stMarkdown", has_text="Synthetic data").first
    assert badge.evaluate("n => getComputedStyle(n).opacity") == "1"  # which is true whatever is chosen
    page.evaluate("document.body.classList.remove('ketadash-ahead')")
    assert "once the choice is made" in image.get_attribute("aria-label")  # nothing is said of it that is another's
    page.evaluate("window.here.back()")
    page.wait_for_function(drawn, arg=3)
    assert image.get_attribute("aria-label") == described
    page.close()
