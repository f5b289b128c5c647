"""A page of the real app, opened as a reader would, and what the reader sees on it."""

import html
import json
import re
from pathlib import Path
from typing import Any

from figure_of import shown
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash
from waiting import HANG_S

from ketadash.core.p_values import note
from ketadash.core.view import PValues
from ketadash.questions.registry import QUESTIONS
from ketadash.questions.shared import words as words_of
from ketadash.trial import load
from ketadash.trial.sources import gather
from ketadash.ui import download, state

LABELLED, HIDDEN = PValues.LABELLED, PValues.HIDDEN
ROOT = Path(__file__).parents[2]
BACK = "Back to the published analysis"  # the button's words on the sample
# As `st.navigation` registers the pages in a first run: with it, a test opens its page as a link does, and not by way
# of the Overview, whose run costs more than that of most pages.
REGISTERED = {
    calc_hash(asked.path): {"script_path": str(ROOT / "pages" / f"{asked.key}.py"), "url_pathname": asked.path}
    for asked in QUESTIONS
}


def opened(page: str = "overview", data: str | None = None, **link: str) -> AppTest:
    """The page ``pages/<page>.py`` under the choices of a link, on the sample or on the text of a CSV file."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=HANG_S)
    for key, value in link.items():
        at.query_params[key] = value
    if data is not None:
        given = gather(data.encode(), "mine.csv")
        at.session_state[state.OWN] = state.Own(given, None, load(given), "mine.csv")
    return first(at, page)


def first(at: AppTest, page: str) -> AppTest:
    """The page as a session's very first, as whoever follows a link to it has it."""
    if page == "overview":
        return at.run()  # the default page has no address of its own
    at._registered_pages = REGISTERED
    return turned(at, page)


def offered(at: AppTest) -> list[str]:
    """What the buttons that bring a file say, in the order in which the page first had them."""
    return [file.label for file in at.session_state[download.OFFERED].offered]


def turned(at: AppTest, page: str) -> AppTest:
    """The same session on another page."""
    return at.switch_page(f"pages/{page}.py").run()


def chosen(at: AppTest, **choices: Any) -> AppTest:
    """The page after the sidebar's controls were set."""
    widgets = {w.key: w for w in (*at.main, *at.sidebar) if getattr(w, "key", None)}
    for key, value in choices.items():
        widgets[key].set_value(value)
    return at.run()


def words(at: AppTest) -> str:
    """Everything said on the page in sentences: answers, what they rest on, warnings, errors."""
    bodies = [h.proto.body for h in at.main.get("html") if h.proto.body.startswith("<p")]
    answers = [html.unescape(re.sub(r"<[^>]*>", "", body)) for body in bodies]
    said = [e.value for kind in (at.main.markdown, at.warning, at.error, at.info) for e in kind]
    return "\n".join([*answers, *said]).replace("\\", "")


def paragraphs(at: AppTest) -> str:
    """All that the page says in paragraphs as it is sent: answers, what they rest on, information."""
    return "\n".join(e.proto.body for kind in ("html", "markdown") for e in at.get(kind))


def figures(at: AppTest) -> dict[str, Any]:
    """Every picture of the page by its key, as the browser gets it."""
    drawn = [e.proto for e in at.get("bidi_component") if e.proto.component_name == "ketadash_plot"]
    keys = [proto.id.split("-", 2)[2] for proto in drawn]
    return {key: shown(at, key)["figure"] for key in keys}


def tables(at: AppTest) -> list[str]:
    """Every table of the page as text: a line a row, commas between cells."""
    plainly = str.maketrans({"\u2060": None, "\u00a0": " "})
    bodies = [h.proto.body for h in at.main.get("html") if "<table" in h.proto.body]
    rows = [re.sub("</t[hd]>(?=<t[hd])", ",", body).replace("</tr>", "\n") for body in bodies]
    return [html.unescape(re.sub("<[^>]*>", "", row)).translate(plainly) for row in rows]


def status(at: AppTest) -> str:
    """The quiet line at the top: its badges and its counts."""
    return " | ".join(m.value for m in at.main.markdown if "badge[" in m.value or m.value.startswith(":small["))


def seen(at: AppTest) -> dict[str, str]:
    """Words, pictures and tables below the status line, each to be compared with another state's.

    The mark that p-values carry outside the declared analysis is left out: it depends on the state, not on a choice.
    """
    assert not at.exception, at.exception
    line = status(at).replace("\\", "").split(" | ")
    notes = [note(how, words_of.analysis(name)) for how in (LABELLED, HIDDEN) for name in words_of.ANALYSIS_NAMES]
    said = [w for w in words(at).splitlines() if w not in line and not any(n in w for n in notes)]
    plainly = {"words": "\n".join(said), "tables": "\n".join(tables(at))}
    plainly = {part: text.replace(" †", "").replace("†", "") for part, text in plainly.items()}
    return plainly | {"figures": json.dumps(figures(at), sort_keys=True).replace("\\u2020", "")}


def dropped(at, *files: tuple[str, bytes]):
    at.file_uploader[0].set_value([(name, raw, "application/octet-stream") for name, raw in files])
    return at.run()


def under(link: dict[str, str]) -> AppTest:
    """The app under a link, the parameter `data` among them."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=HANG_S)
    for key, value in link.items():
        at.query_params[key] = value
    return at.run()
