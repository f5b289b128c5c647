"""What the style of every page may ask for, so that a choice stays as quick as it is."""

import re
from itertools import chain
from pathlib import Path

from ketadash import ui

STYLE = (Path(ui.__file__).parent / "style.css").read_text(encoding="utf-8")
RULES = re.sub(r"/\*.*?\*/", "", STYLE, flags=re.DOTALL)
SELECTORS = [
    one.strip()
    for one in chain.from_iterable(re.split(r",(?![^(]*\))", found) for found in re.findall(r"([^{}]+)\{", RULES))
    if not one.strip().startswith("@")
]


def test_the_selectors_are_read():
    assert len(SELECTORS) > 60
    assert '.stSidebar [data-testid="stSidebarHeader"]' in SELECTORS


def test_no_rule_asks_what_is_deep_inside_an_element():
    """For `.a:has(.b) .c` a browser styles all of .a anew whenever anything in it changes: 60 ms of a flip of 110."""
    asking = [one for one in SELECTORS if ":has(" in one]
    assert asking  # the sticky row, of whose wrapper Streamlit tells nothing else
    assert [one for one in asking if not re.search(r":has\(> \.st-key-[\w]+\)$", one)] == []


def test_what_is_marked_while_a_run_goes_on_is_found_by_its_class():
    """By `data-testid`, which nearly all elements have, all of them would be looked at again."""
    marked = [one for one in SELECTORS if re.search(r"data-stale|ketadash-(ahead|whole-run|flipped)", one)]
    assert len(marked) > 3
    assert [one for one in marked if "data-testid" in one] == []
