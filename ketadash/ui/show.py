"""The parts that every page is made of: its frame, its answer, its picture, what it rests on, its tabs."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from ketadash.core import numbers
from ketadash.core.findings import first_of
from ketadash.core.p_values import shown
from ketadash.core.spec import AnalysisSpec, ViewSpec
from ketadash.export.printable import CONTROLS, HEAP_OF_ACCENTS, TURNS_DIRECTION
from ketadash.questions.shared import glossary as words_glossary
from ketadash.questions.shared import tables, words
from ketadash.questions.shared.theme import Figure
from ketadash.results import BinaryOutcome
from ketadash.trial import Trial
from ketadash.ui import state
from ketadash.ui import table as html_table
from ketadash.ui.plot import plot
from ketadash.ui.presenting_words import brief
from ketadash.ui.state import Current

SYNTHETIC = "Synthetic data: invented people, no evidence"

LONGEST, LONGEST_WORD, LONGEST_CELL = 3_000, 80, 200  # characters shown of a text, a word in it, a table's cell
MOST_CELLS, MOST_TABLE_COLUMNS = 10_000, 50  # of a table
JOINER = "\u2060"
_UNSEEN = re.compile(f"[{CONTROLS}{TURNS_DIRECTION}]")
_SPACES = re.compile("[ \t\n\v\f\r\x85\u2028\u2029]+")  # an unbroken space and an indent are left
_WORD = re.compile(rf"\S{{{LONGEST_WORD + 1},}}")
_SEEN = re.compile("[ -~\u2012-\u2015\u2212\u2026\u2020\xa0]*").fullmatch  # of short text: nothing to take out
_ADDRESS = re.compile(r"://|www\.|@", re.IGNORECASE)
_NAMED = re.compile(r":(?=[A-Za-z+_-])")


def mark_of(trial: Trial) -> str | None:
    """What stands on every page of a trial: that its people are invented, or whose data these are."""
    return SYNTHETIC if trial.synthetic else trial.source


def visible(text: str, most: int = LONGEST) -> str:
    """Text from a file without what the eye cannot follow.

    Marks that turn its direction, control characters, heaps of accents, words and texts without end.
    """
    if len(text) <= LONGEST_WORD and len(text) <= most and _SEEN(text) and "  " not in text:
        return text  # as nearly every cell of a table: four searches each were a fiftieth of what a page took
    seen = _SPACES.sub(" ", _UNSEEN.sub("", text))
    seen = _WORD.sub(lambda word: word[0][: LONGEST_WORD - 1] + "…", HEAP_OF_ACCENTS.sub(r"\1", seen))
    return seen if len(seen) <= most else seen[: most - 1] + "…"


def plain(text: str, most: int = LONGEST) -> str:
    """Text from a file, made safe to stand in Markdown: it shows as it is and formats nothing."""
    # After the escapes are read, Streamlit still makes links of addresses and pictures of :names:.  A word joiner,
    # which nobody sees, stands in the way.
    text = _ADDRESS.sub(lambda match: match[0][:-1] + JOINER + match[0][-1], visible(text, most))
    text = _NAMED.sub(f":{JOINER}", text)
    for sign in "\\`*_{}[]()<>#+-.!|~$:&":
        text = text.replace(sign, f"\\{sign}")
    return text


def guarded(text: str) -> str:
    """A sentence whose p-values say that they are one of many looks, or are hidden, where they must."""
    return shown(text, state.p_values())


def answer(text: str) -> None:
    """The page's answer in a plain sentence, a little larger than the rest."""
    text = visible(guarded(text))
    st.html(f'<p class="ketadash-answer">{escape(text)}</p>')


def picture(draw: Callable[[ViewSpec], Figure], view: ViewSpec, *, key: str, alt: str) -> None:
    """A figure, and the same for a narrow screen; `key` must differ from every control's."""
    wide, narrow = both(view)
    plot(draw(wide), key=key, alt=visible(guarded(alt)), narrow=draw(narrow), light=in_the_light(draw, view))


def moving(draw: Callable[[AnalysisSpec, ViewSpec], Figure], now: Current, *, key: str, alt: str) -> None:
    """A figure of the current state, and of any other: it is sent ahead of a choice, so as to follow the hand."""
    now.moving[key] = draw
    picture(partial(draw, now.spec), now.view, key=key, alt=alt)


def both(view: ViewSpec) -> tuple[ViewSpec, ViewSpec]:
    """The view, and the same on a narrow screen."""
    return view, replace(view, narrow=True)


def in_the_light(draw: Callable[[ViewSpec], Figure], view: ViewSpec) -> tuple[Figure, Figure] | None:
    """On a dark page, the figure as paper and slides have it: what is saved as a picture."""
    if not view.dark:
        return None
    wide, narrow = both(replace(view, dark=False))
    return draw(wide), draw(narrow)


def holds(text: str) -> None:
    """On which assumptions the answer depends."""
    st.markdown(f"**How far it holds.** {plain(guarded(text))}")


TWO_LINES = 230  # characters, on a desk


def rests_on(text: str, estimand: str = "") -> None:
    """Assumption and n, and what is estimated: where the picture is, not in a footer; model and details are folded.

    Its terms are explained beside it.
    """
    text = guarded(text)
    first = brief(text, TWO_LINES)
    rest = text[len(first) :].strip()
    st.markdown(f"**What this rests on.** {plain(first)}", help=words_glossary.explained(text))
    if estimand:
        st.markdown(plain(guarded(estimand)))
    if rest:
        with st.expander("Model and details"):
            st.markdown(plain(rest))


def sentence(message: str) -> str:
    """A message as a sentence: they begin small, as the command line wants them; a file's name is left as it is."""
    name = any(sign in message.split(" ", 1)[0] for sign in "._=")
    return message if name else message[:1].upper() + message[1:]


def warn(messages: tuple[str, ...]) -> None:
    """Doubts about the fit or the data, one box."""
    if messages:
        first = first_of(list(dict.fromkeys(map(guarded, messages))))
        st.warning("\n\n".join(plain(sentence(m)) for m in first), icon=":material/warning:")


def doubts(result: BinaryOutcome, messages: tuple[str, ...] | None, penalise: Callable[[], None]) -> None:
    """What the fit and the data say against the result, and where there is a way out a button for it, `penalise`."""
    warn(words.doubts(result) if messages is None else messages)
    separated = not result.model.usable and result.model.method == "ML" and result.window[0] < result.window[1]
    if separated:
        st.button("Use the penalised fit", on_click=penalise, icon=":material/healing:")


def table(frame: pd.DataFrame, caption: str | None = None, *, long: bool = False) -> None:
    """A table as it would be printed; text from files stays text.  A `long` one, of all days, scrolls in a box."""
    if frame.empty:
        name = f"**{plain(caption)}.** " if caption else ""
        st.markdown(f"{name}Nothing to show: none in this trial, or the model has no finite answer (see its messages).")
        return
    whole = frame.shape
    frame = frame.iloc[:, :MOST_TABLE_COLUMNS]
    frame = frame.iloc[: max(1, MOST_CELLS // frame.shape[1])]
    left_out = f"The first {len(frame):,} of {whole[0]:,} rows" if len(frame) < whole[0] else ""
    if frame.shape[1] < whole[1]:
        left_out = f"{left_out or 'All rows'}, {frame.shape[1]} of {whole[1]:,} columns"
    frame = tables.guarded(frame, state.p_values())
    named = not isinstance(frame.index, pd.RangeIndex)
    names = [_cell(i) for i in frame.index]
    rows = [[_cell(x) for x in row] for row in frame.itertuples(index=False)]
    st.html(
        html_table.html(
            [*([""] if named else []), *_made_distinct([_cell(c) for c in frame.columns])],
            [[name, *row] if named else row for name, row in zip(names, rows, strict=True)],
            caption=caption and visible(caption),
            named=named,
            long=long,
        )
    )
    if left_out:
        st.markdown(f":small[{left_out} are shown here; the downloads have everything.]")


def _made_distinct(names: list[str]) -> list[str]:
    """Headers that are alike once they are cut get a number."""
    return [f"{name} ({names[:i].count(name) + 1})" if name in names[:i] else name for i, name in enumerate(names)]


def _cell(value: Any) -> str:
    text = visible(str(value), LONGEST_CELL)
    cell = escape(unbroken(text.lstrip("\u2003")))
    return f'<span class="ketadash-under">{cell}</span>' if text.startswith("\u2003") else cell


def unbroken(text: str, most: int = 24) -> str:
    """A short entry, such as an interval, kept on one line; longer ones wrap at their spaces."""
    if not 1 < len(text) <= most:
        return text
    return text.replace(" ", numbers.NBSP).replace("–", "\u2060–\u2060")  # word joiners: no break at the dash
