"""The two-minute tour: where it leads, and the one sentence or two said at each stop."""

from __future__ import annotations

from dataclasses import dataclass

from ketadash.core.terms import Terms


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop: the page's file, what is outlined there (a CSS selector), and the text shown."""

    page: str
    shown: str
    sentences: str


OFFER = "First time here? Take two minutes."
BEGIN, DECLINE = "Show me around", "No, thank you"
BACK, NEXT, END, LEAVE, GO = "Back", "Next", "Done", "Leave the tour", "Go there"
STOPS = (
    Stop(
        "overview",
        ".stMain .stGrid",
        "Each card has one answer and how sure it is. Its title leads to the page with the picture behind it.",
    ),
    Stop(
        "abstinence",
        ".st-key-abstinence_curve",
        "Points are what people reported, lines what the model makes of it, bands how sure that is. Point at anything "
        "for its exact value.",
    ),
    Stop(
        "abstinence",
        ".st-key-missing",
        "Above each picture are the choices that move it; more are at the left (on a phone behind »). Change one, and "
        "every page follows; the line above the title then says what differs, and leads back.",
    ),
    Stop(
        "abstinence",
        ".st-key-tabs_abstinence",
        "Below each picture: its numbers as a table, the model, how it is computed, the code that gives the same "
        "number, and downloads.",
    ),
    Stop(
        "missing_days",
        ".st-key-dial_control",
        "Turn this dial: what if not every missing day was a drinking day? Further down stands where the conclusion "
        "would change.",
    ),
    Stop(
        "specifications",
        ".st-key-specifications_abstinence",
        "The answer under every combination of choices, lowest first. A click says what one is, and loads it.",
    ),
    Stop(
        "report",
        "h1",
        "Take it away: a report, slides with charts that PowerPoint can edit, tables. The address bar has all your "
        "choices: whoever opens a copy of it sees what you see.",
    ),
    Stop(
        "data",
        ".stFileUploader",
        "Drop your own file here. It stays in this session's memory and is gone when you close the page.",
    ),
)


def stop_text(stop: int, terms: Terms) -> str:
    """The text shown at a stop, counted from 1."""
    return terms.worded(STOPS[stop - 1].sentences)


def place(stop: int) -> str:
    """``Stop 2 of 8``."""
    return f"Stop {stop} of {len(STOPS)}"


def elsewhere(title: str) -> str:
    """What is said on a page that the tour does not stand on."""
    return f"It stands on the page {title}."
