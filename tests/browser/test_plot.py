"""The plot component in a real browser: what AppTest cannot see."""

import os
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from waiting import HANG_S, until

from ketadash.questions.shared import theme

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server():
    """The scratch page on a free port, below a path as behind a proxy."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    root = Path(__file__).parents[2]
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(Path(__file__).with_name("plot_app.py")),
        "--server.port",
        str(port),
        "--server.headless",
        "true",
        "--server.address",
        "127.0.0.1",
        "--server.baseUrlPath",
        "trial",
        "--server.fileWatcherType",
        "none",
        "--browser.gatherUsageStats",
        "false",
    ]
    env = os.environ | {"PYTHONPATH": str(root)}
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}/trial"

    def answers():
        assert process.poll() is None
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=HANG_S)
        except OSError:
            return False
        return True

    try:
        until(answers)
        yield url
    finally:
        process.terminate()
        process.wait(HANG_S)


@pytest.fixture
def page(browser, server):
    """A page that fails the test for any console error or any request to another host."""
    troubles = []
    page = browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme="dark")
    page.on("console", lambda m: troubles.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: troubles.append(str(e)))
    ours = (server.rsplit("/", 1)[0], "blob:", "data:")
    page.on("request", lambda r: None if r.url.startswith(ours) else troubles.append(r.url))
    page.goto(server)
    page.wait_for_selector(".ketadash-plot[data-drawn]")
    yield page
    page.close()
    assert troubles == []


def last(node):
    return node.evaluate("n => n.data[0].y.at(-1)")


def move_slider(page, node, expected):
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("want => document.querySelector('.ketadash-plot').data[0].y.at(-1) === want", arg=expected)


@pytest.mark.slow
def test_zoom_and_node_survive_a_change_of_data(page):
    node = page.locator(".ketadash-plot")
    assert last(node) == 63
    box = node.bounding_box()
    page.mouse.move(box["x"] + 300, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 700, box["y"] + 200, steps=5)
    page.mouse.up()
    page.wait_for_function("document.querySelector('.ketadash-plot').layout.xaxis.autorange === false")
    zoomed = node.evaluate("n => { n.mark = 'same'; return n.layout.xaxis.range.slice(); }")
    move_slider(page, node, 84)
    assert node.evaluate("n => n.layout.xaxis.range.slice()") == zoomed
    assert node.evaluate("n => n.mark") == "same"


def test_a_click_on_a_point_reaches_the_page_and_does_not_stay(page):
    node = page.locator(".ketadash-plot")
    box = node.bounding_box()
    at = node.evaluate(
        "n => { const l = n._fullLayout; return [l.xaxis._offset + l.xaxis.l2p(7), "
        "l.yaxis._offset + l.yaxis.l2p(21)]; }"
    )
    page.mouse.move(box["x"] + at[0], box["y"] + at[1])
    page.mouse.down()
    page.mouse.up()
    page.get_by_text("clicked 0 7").wait_for()
    move_slider(page, node, 84)
    page.get_by_text("below").wait_for()


@pytest.mark.slow
def test_it_has_a_role_a_text_and_its_height(page):
    node = page.get_by_role("img", name="A line of slope 3")
    assert node.bounding_box()["height"] == 300
    move_slider(page, page.locator(".ketadash-plot"), 84)
    assert page.get_by_role("img", name="A line of slope 4").count() == 1


def test_a_phone_gets_the_narrow_figure_and_a_turned_one_the_wide(page):
    view = "want => JSON.stringify(document.querySelector('.ketadash-plot').layout.meta.view) === want"
    page.wait_for_function(view, arg="{}")
    page.set_viewport_size({"width": 390, "height": 800})
    page.wait_for_function(view, arg='{"narrow":true}')
    page.set_viewport_size({"width": 1280, "height": 800})
    page.wait_for_function(view, arg="{}")
    node = page.locator(".ketadash-plot")
    assert node.evaluate("n => n._fullLayout.width") == pytest.approx(node.bounding_box()["width"], abs=1)  # whole px


def test_it_is_dark_where_the_page_is(page):
    paper = page.locator(".ketadash-plot").evaluate("n => n.layout.paper_bgcolor")
    assert paper == theme.DARK.paper


@pytest.mark.slow
def test_nothing_offers_to_send_the_data_away(page):
    page.locator(".ketadash-plot").hover()
    titles = page.locator(".modebar-btn").evaluate_all("all => all.map(b => b.dataset.title)")
    assert "Reset axes" in titles
    assert not any("loud" in t or "Chart Studio" in t or "Edit" in t for t in titles)
