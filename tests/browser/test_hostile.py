"""Every text from a file is hostile: it shows as text, on every page and tab, in every hover, and reaches no host."""

import ast

import hostile
import pytest
from person import Person
from reading import WAIT

from ketadash.questions.registry import QUESTIONS

pytestmark = pytest.mark.browser

# What must not be there: a script that ran, an element made of the text, a page wider than the window.
LOOK = r"""() => {
  const made = [...document.querySelectorAll("a, img, image, iframe, object, embed, script, [onload], [onerror]")]
    .map((e) => [e.getAttribute("href"), e.getAttribute("src"), e.getAttribute("onload"), e.getAttribute("onerror")])
    .flat().filter((said) => said && /evil|pwned|javascript:|^x$/.test(said));
  const main = document.querySelector("[data-testid=stMain]");
  const side = document.querySelector("[data-testid=stSidebarContent]");
  return {
    ran: window.__pwned ?? null, made,
    formulas: [...main.querySelectorAll(".katex")].filter((e) => e.textContent.includes("1723")).length,
    icons: [...main.querySelectorAll("[data-testid=stIconMaterial]")]
      .filter((e) => e.innerText === "delete" && !e.closest("button")).length,
    faces: (main.innerText.match(/\p{Emoji_Presentation}/gu) ?? []).length,
    sorry: document.body.innerText.includes("Something went wrong"),
    wider: Math.max(document.scrollingElement.scrollWidth - innerWidth, main.scrollWidth - main.clientWidth,
                    side && innerWidth > 640 ? side.scrollWidth - side.clientWidth : 0) > 1,  // folded on a phone
  };
}"""
HARMLESS = {"ran": None, "made": [], "formulas": 0, "icons": 0, "faces": 0, "sorry": False, "wider": False}
HOVER = r"""async () => {
  const seen = [];
  for (const node of document.querySelectorAll(".ketadash-plot")) {
    for (let curve = 0; curve < (node.data?.length ?? 0); curve++) {
      const point = node.data[curve].type === "heatmap" ? [0, 0] : 0;
      try { Plotly.Fx.hover(node, [{ curveNumber: curve, pointNumber: point }]); } catch { continue; }
      await new Promise(requestAnimationFrame);
      await new Promise(requestAnimationFrame);
      const layer = node.querySelector(".hoverlayer");
      if (layer?.textContent) {
        seen.push({ text: layer.textContent, made: layer.querySelectorAll("a, image, img, script").length });
      }
    }
  }
  return seen;
}"""


@pytest.mark.slow
def test_a_hostile_trial_is_text_everywhere_and_no_page_asks_another_host(browser, site, capsys):
    reader = Person(browser)
    reader.page.set_viewport_size({"width": 1280, "height": 900})
    reader.upload(site, *hostile.files().items())
    hovers = []
    for stem in [one.key for one in QUESTIONS]:
        reader.turn(stem)
        assert reader.page.evaluate(LOOK) == HARMLESS, stem
        hovers += reader.page.evaluate(HOVER)
        for tab in reader.page.get_by_test_id("stMain").get_by_role("tab").all():
            tab.click()
            reader.settle()
            assert reader.page.evaluate(LOOK) == HARMLESS, (stem, tab.inner_text())
    assert len(hovers) > 20 and any("<svg onload" in h["text"] for h in hovers)
    assert not [h for h in hovers if h["made"] or len(h["text"]) > 800]

    reader.turn("abstinence")
    assert "<script>window.__pwned='script'</script>" in reader.page.get_by_test_id("stMain").inner_text()
    reader.page.get_by_role("tab", name="Download").click()
    with reader.page.expect_download() as saved:
        reader.page.get_by_role("button", name="abstinence observed (CSV)").click()
    assert b"<svg onload" in saved.value.path().read_bytes()

    reader.page.set_viewport_size({"width": 390, "height": 800})  # a telephone, in the dark
    reader.page.emulate_media(color_scheme="dark")
    reader.page.wait_for_function(
        "getComputedStyle(document.querySelector('.stApp')).backgroundColor === 'rgb(16, 25, 31)'", timeout=WAIT
    )
    reader.settle()
    assert reader.page.evaluate(LOOK) == HARMLESS

    host = site.removeprefix("http://")
    with capsys.disabled():
        print(f" [{len(reader.asked)} requests, to {sorted(reader.hosts())}]", end="")
    assert reader.hosts() == {f"http://{host}", f"ws://{host}"}
    reader.context.close()


@pytest.mark.slow
def test_a_hostile_file_name_is_text_too(browser, site):
    reader = Person(browser)
    rows = "\n".join(f"P{i},{('placebo', 'drug')[i % 2]},{d},{(i + d) % 4}" for i in range(8) for d in range(1, 6))
    name = hostile.HTML.replace("/", "") + '"; import os.csv'
    reader.upload(site, (name, f"participant_id,arm,day,drinks\n{rows}".encode()))
    assert reader.page.evaluate(LOOK) == HARMLESS
    reader.turn("abstinence")
    reader.page.get_by_role("tab", name="Code").click()
    said = reader.page.get_by_test_id("stCode").filter(has_text="trial = load(").first
    said.wait_for(timeout=WAIT)
    (call,) = [line for line in said.inner_text().splitlines() if line.startswith("trial = load(")]
    (one,) = ast.parse(call).body  # one call with one string, whatever the name holds
    assert isinstance(one.value, ast.Call) and [type(a) for a in one.value.args] == [ast.Constant]
    assert "import os" in one.value.args[0].value
    assert reader.page.evaluate(LOOK) == HARMLESS
    reader.context.close()
