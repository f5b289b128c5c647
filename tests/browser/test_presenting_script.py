"""The script of a presentation's keys alone: its components come and go in any order, and one keeps the keys."""

from pathlib import Path

import pytest
from reading import WAIT

from ketadash.ui import presenting

sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.browser
COMPONENT = """([html]) => {
  window.sent = [];
  window.put = (stands, root, taken = 0) => {
    if (!root) {
      root = document.createElement("div");
      root.innerHTML = html;
      document.body.append(root);
    }
    const slides = ["nnt", "safety", "paper"].map((page) => ({ page, name: page }));
    const at = `${stands}/${taken}`;
    const data = { at, stands, page: stands, ends: [], place: at, slides, rule: null, words: {}, keys: [] };
    return [root, window.component({ data, parentElement: root, setTriggerValue: (_, press) => sent.push(press) })];
  };
}"""


def _function(page, name, becomes):
    text = Path(presenting.__file__).with_name(name).read_text("utf-8")
    assert "export default function" in text
    page.add_script_tag(content=f"{{ {text.replace('export default function', f'window.{becomes} = function')} }}")


@pytest.fixture
def script(browser):
    """A page with nothing but the script."""
    page = browser.new_page()
    page.set_default_timeout(WAIT)
    _function(page, "presenting.js", "component")
    _function(page, "early_keys.js", "early")
    page.evaluate(COMPONENT, [presenting.HTML])
    yield page
    page.close()


def asked_from(page):
    page.keyboard.press("ArrowRight")
    return page.evaluate("window.sent.at(-1)?.from.split('/')[0]")


def test_a_slide_that_was_left_and_is_drawn_once_more_does_not_take_the_keys_with_it(script):
    script.evaluate(
        """() => {
          const [first] = put("nnt");
          put("safety");
          const [, end] = put("nnt", first);
          first.remove();
          end();
        }"""
    )
    assert script.evaluate("ketadashStage.shown?.stands") == "safety"
    assert asked_from(script) == "safety"


def test_a_component_that_never_tidied_up_its_former_self_is_gone_with_its_last(script):
    script.evaluate("() => { const [root] = put('nnt'); const [, end] = put('nnt', root); root.remove(); end(); }")
    assert script.evaluate("ketadashStage.shown") is None
    assert asked_from(script) is None


def test_the_keys_go_on_from_the_slide_that_came_last(script):
    script.evaluate("() => { const [root, end] = put('nnt'); put('safety'); root.remove(); end(); }")
    assert asked_from(script) == "safety"


def test_a_press_before_the_keys_are_there_is_taken_once_they_are(script):
    script.evaluate("() => { document.body.innerHTML = '<p class=st-key-slide></p>'; early(); early(); }")
    for key in ("ArrowRight", "q", "ArrowRight"):
        script.keyboard.press(key)
    script.evaluate("put('nnt')")
    assert script.evaluate("sent.map(press => [press.turn, press.from.split('/')[0]])") == [["next", "nnt"]]
    script.evaluate("put('safety')")
    assert script.evaluate("sent.map(press => [press.turn, press.from.split('/')[0]])") == [
        ["next", "nnt"],
        ["next", "safety"],
    ]
    assert script.evaluate("ketadashStage.waiting") == []


def test_the_list_that_was_asked_for_between_two_slides_comes_with_the_next(script):
    script.evaluate(
        "() => { document.body.innerHTML = '<p class=st-key-slide></p>'; [window.root, window.end] = put('nnt'); }"
    )
    script.keyboard.press("ArrowRight")
    script.evaluate("() => { root.remove(); end(); }")
    script.keyboard.press("l")
    assert script.evaluate("ketadashStage.over") == ""
    script.evaluate("() => { [window.root, window.end] = put('safety'); }")
    assert script.evaluate("ketadashStage.over") == "list"
    assert script.evaluate("!root.querySelector('.ketadash-over.list').hidden")
    script.keyboard.press("l")
    for presses in (["l", "l"], ["l", "ArrowRight"]):  # taken back, and overtaken by a turn
        script.evaluate("() => { root.remove(); end(); }")
        for key in presses:
            script.keyboard.press(key)
        script.evaluate("() => { [window.root, window.end] = put('paper'); }")
        assert script.evaluate("ketadashStage.over") == ""


SENT = "sent.map(press => [press.turn, press.from.split('/')[0], press.to ?? ''])"
JUMPS = {"number": (("3", "Enter"), "paper"), "first": (("Home",), "nnt"), "last": (("End",), "paper")}


@pytest.mark.parametrize("jump", JUMPS)
def test_a_jump_while_a_turn_is_on_its_way_is_from_where_that_leads(script, jump):
    keys, to = JUMPS[jump]
    script.evaluate("put('nnt')")
    for key in ("ArrowRight", *keys):
        script.keyboard.press(key)
    script.evaluate("put('safety')")
    assert script.evaluate(SENT) == [["next", "nnt", ""], ["to", "safety", to]]


@pytest.mark.parametrize("jump", JUMPS)
def test_a_jump_between_two_runs_of_the_page_waits_for_the_slide(script, jump):
    keys, to = JUMPS[jump]
    script.evaluate(
        """() => { document.body.insertAdjacentHTML('beforeend', '<p class=st-key-slide></p>');
        const [root, end] = put('safety'); root.remove(); end(); }"""
    )
    for key in keys:
        script.keyboard.press(key)
    script.evaluate("put('safety')")
    assert script.evaluate(SENT) == [["to", "safety", to]]


def test_a_slide_that_goes_and_comes_back_is_no_answer_to_what_was_asked_from_it(script):
    script.evaluate("() => { [window.root, window.end] = put('nnt'); }")
    for key in ("End", "ArrowLeft"):
        script.keyboard.press(key)
    script.evaluate("() => { root.remove(); end(); put('nnt'); }")
    assert script.evaluate(SENT) == [["to", "nnt", "paper"]]
    script.evaluate("put('paper')")
    assert script.evaluate(SENT) == [["to", "nnt", "paper"], ["previous", "paper", ""]]


def test_a_number_of_no_slide_turns_nothing_and_those_after_it_do(script):
    script.evaluate("put('nnt')")
    for key in ("ArrowRight", "9", "Enter", "End"):
        script.keyboard.press(key)
    script.evaluate("put('safety')")
    script.wait_for_function("sent.length === 2", timeout=WAIT)
    assert script.evaluate(SENT) == [["next", "nnt", ""], ["to", "safety", "paper"]]


def test_a_turn_that_a_late_message_of_its_slide_undid_is_asked_for_once_more(script):
    """The server took the press, and then drew the slide that was left: the press was thought to have come."""
    script.evaluate(
        """() => { document.body.insertAdjacentHTML('beforeend',
        '<p data-testid=stApp data-test-script-state=notRunning></p>'); window.root = put('nnt')[0]; }"""
    )
    script.keyboard.press("ArrowRight")
    script.evaluate("put('nnt', root, 1)")
    script.wait_for_function("sent.length > 1")
    assert script.evaluate("sent.map(press => [press.turn, press.from])") == [["next", "nnt/0"], ["next", "nnt/1"]]
    script.evaluate("put('safety')")
    assert script.evaluate("ketadashStage.asked") == 0
