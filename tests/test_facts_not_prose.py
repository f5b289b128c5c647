"""Facts travel as fields: no code reads them back out of sentences and labels that other code has written.

A sentence that is reworded would otherwise change what is shown elsewhere, with no test of that place to fail.
"""

from __future__ import annotations

import ast
import re

import pytest
from every_file import ROOT, in_every
from source_trees import nodes, tree

# Where sentences are written and shown. `files`, `trial` and `ui/server` read words that others have written: headers,
# cells, addresses.
LAYERS = ("core", "results", "stats", "analyse", "questions", "export", "ui")
SOURCES = [
    ROOT / "app.py",
    *(p for layer in LAYERS for p in sorted((ROOT / "ketadash" / layer).rglob("*.py")) if "server" not in p.parts),
]
TAKES_APART = {
    *("startswith", "endswith", "removeprefix", "removesuffix"),
    *("partition", "rpartition", "split", "rsplit"),
}
PROSE = re.compile(r" \S|\S ")  # a space beside a sign: part of a sentence or label, and no key, address or column

# What is taken apart all the same, with the reason: no fact hangs on it.
ALLOWED = {
    "ketadash/core/p_values.py": {
        "cell.startswith(_OPEN)": "a sign that no text has, put there by `about_p`",
        "text.removeprefix(_STATISTIC)": "the same, put there by `statistic_in_cell`",
        "_signs(token).startswith(_STATISTIC)": "the same",
    },
    "ketadash/core/terms.py": {
        "term.partition(_OF_LEVEL)": "the inverse of the function above it",
        "label.split(' · ')": "the labels of the JSON, whose parts are codes between these signs",
        "first.rpartition(' = ')": "the same",
    },
    "ketadash/questions/specifications/figure.py": {
        "option.removeprefix('last ')": "a name made short enough for a phone's margin",
        "option.split(' (')": "the same for the margin of a wide page",
    },
    "ketadash/export/code_text.py": {"'  # ' in line": "a comment of the code that is written"},
    "ketadash/ui/components/data.py": {
        "str(error).removeprefix(f'{name}: ')": "so that the file's name is not said twice",
        "refused_files.checks[0].message.removeprefix(f'{refused_files.file}: ')": "the same",
    },
    "ketadash/ui/method_panels.py": {"first.removeprefix('# ')": "a heading of Markdown"},
}


def reads_prose(of: ast.AST) -> list[tuple[int, str]]:
    """Line and source of each place that looks for given words in a text."""
    places = []
    for node in nodes(of):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in TAKES_APART:
            parts = [part for argument in node.args for part in ast.walk(argument)]
            looks = ast.unparse(node.func.value) != "re" and any(_has_words(part) for part in parts)
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
            looks = isinstance(node.left, ast.Constant) and _has_words(node.left)
        else:
            looks = False
        if looks:
            places.append((node.lineno, ast.unparse(node)))
    return places


def _has_words(part: ast.AST) -> bool:
    """Whether it is a text out of a sentence, or a constant that may be one."""
    if isinstance(part, ast.Constant):
        return isinstance(part.value, str) and PROSE.search(part.value) is not None
    name = part.id if isinstance(part, ast.Name) else part.attr if isinstance(part, ast.Attribute) else ""
    return name.isupper()


@in_every(SOURCES)
def test_no_fact_is_read_from_a_sentence(path):
    name = path.relative_to(ROOT).as_posix()
    places = [f"line {n}: {code}" for n, code in reads_prose(tree(path))]
    unknown = [p for p in places if p.partition(": ")[2] not in ALLOWED.get(name, {})]
    assert not unknown, f"{name} reads facts from prose: {unknown}"


@pytest.mark.parametrize("path", ALLOWED)
def test_what_is_allowed_is_still_there(path):
    places = {code for _, code in reads_prose(tree(ROOT / path))}
    assert set(ALLOWED[path]) <= places


@pytest.mark.parametrize(
    "code",
    [
        "note.startswith(NO_ADJUSTMENT)",
        "note.partition(words.ANSWERED)",
        "way.test.removesuffix(' test')",
        "term.split(': ')[0]",
        "kind.removeprefix('odds ')",
        "text.startswith(('below ', 'above '))",
        "'is not estimated' in message",
        "foot.removeprefix(f'{status} · ')",
    ],
)
def test_a_fact_read_from_prose_is_seen(code):
    assert reads_prose(ast.parse(code))


@pytest.mark.parametrize(
    "code",
    ["name.endswith('.csv')", "text.split('\\n')", "'arm' in frame", "word.split(' ')", "header.startswith(prefix)"],
)
def test_what_others_write_may_be_read(code):
    assert not reads_prose(ast.parse(code))
