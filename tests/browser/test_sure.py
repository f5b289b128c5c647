"""The "How sure" pages in a real browser: the dial under a hand, clicks on map and curve, work in the background."""

import pytest
from reading import PATHS, WAIT, address_has, app_is_whole, open_page

pytestmark = pytest.mark.browser


def figure(page, key):
    """The picture `key` and its modelled lines."""
    node = page.locator(f".st-key-{key} .ketadash-plot[data-drawn]").first
    node.wait_for(timeout=WAIT)
    return node


def lines(node):
    return node.evaluate("n => n.data.filter(t => t.mode === 'lines' && !t.fill).flatMap(t => t.y)")


def main(page):
    return page.get_by_test_id("stMain").inner_text()


def point(node, trace, index):
    """Where a point of a trace is on the screen."""
    return node.evaluate(
        """(n, [k, i]) => { const l = n._fullLayout, t = n.data[k];
        const axis = (letter, name) => l[letter + 'axis' + (name ? name.slice(1) : '')];
        const x = axis('x', t.xaxis), y = axis('y', t.yaxis), r = n.getBoundingClientRect();
        return [r.left + x._offset + x.d2p(t.x[i]), r.top + y._offset + y.d2p(t.y[i])]; }""",
        [trace, index],
    )


@pytest.mark.slow
def test_the_dial_moves_curve_words_and_link_and_the_map_follows_a_click(site, reader):
    reader.goto(f"{site}/{PATHS['missing_days']}")
    app_is_whole(reader)
    curve = figure(reader, "missing_curve")
    before, text = lines(curve), main(reader)
    dial = reader.get_by_test_id("stMain").get_by_role("slider").first
    dial.focus()
    for stop in ("0.02", "0.05", "0.1", "0.2", "0.33", "0.5"):  # one by one: test_dial_held.py holds the key down
        reader.keyboard.press("ArrowRight")  # the focus stays where it is
        reader.get_by_text(f"of reported days times {stop} (midazolam)").first.wait_for(timeout=WAIT)
    assert lines(curve) != before and main(reader) != text
    reader.wait_for_function("location.search.includes('imor-control=0.5')", timeout=WAIT)
    reader.wait_for_function("location.search.includes('missing=dial')", timeout=WAIT)
    reader.get_by_text("only as long as fewer than about").wait_for(timeout=WAIT)  # the map is whole

    tips = figure(reader, "tipping_map")
    x, y = point(tips, 0, 7)  # the stop 5
    tips.scroll_into_view_if_needed()
    x, y = point(tips, 0, 7)
    reader.mouse.click(x, y)
    reader.wait_for_function("location.search.includes('imor-control=5')", timeout=WAIT)
    reader.get_by_text("The conclusion does not hold under this assumption").wait_for(timeout=WAIT)

    link = reader.url
    reader.get_by_role("button", name="Back to the published analysis").click()
    reader.get_by_text("Published analysis", exact=True).wait_for(timeout=WAIT)
    reader.goto(link)
    app_is_whole(reader)
    reader.get_by_text("The conclusion does not hold under this assumption").wait_for(timeout=WAIT)


@pytest.mark.slow
def test_a_specification_is_loaded_by_a_click(site, reader):
    reader.goto(f"{site}/{PATHS['specifications']}?outcome=relapse")
    app_is_whole(reader)
    reader.get_by_text("In 19 of 19 distinct specifications for relapse").wait_for(timeout=WAIT)
    node = figure(reader, "specifications_relapse")
    node.scroll_into_view_if_needed()
    x, y = point(node, 0, 0)
    reader.mouse.click(x, y)
    reader.get_by_role("button", name="Load it").click(timeout=WAIT)
    reader.get_by_text("Exploratory").first.wait_for(timeout=WAIT)  # the address may be there before the page is
    address_has(reader, "days=")


@pytest.mark.slow
def test_long_work_stops_and_goes_on_and_the_page_answers_meanwhile(site, reader):
    reader.goto(f"{site}/{PATHS['specifications']}?imputations=50")
    app_is_whole_without_a_picture(reader)
    stop = reader.get_by_test_id("stMain").get_by_role("button", name="Stop", exact=True)  # Streamlit's own is above
    stop.click(timeout=WAIT)
    go_on = reader.get_by_role("button", name="Go on").or_(reader.get_by_role("button", name="Compute")).first
    go_on.wait_for(timeout=WAIT)
    go_on.click()
    stop.wait_for(timeout=WAIT)
    open_page(reader, "abstinence")
    figure(reader, "abstinence_curve")
    assert reader.get_by_test_id("stException").count() == 0


def app_is_whole_without_a_picture(page):
    page.get_by_text("Missing days counted as").first.wait_for(timeout=WAIT)
    page.locator("h1").wait_for(timeout=WAIT)
