"""What documents, comments and scripts name is there: paths, modules, functions, links and headings."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest
from every_file import ROOT, in_every

SKIPPED = {".venv", ".git", "node_modules", "dist", "build"}
DOCUMENTS = sorted(p for p in ROOT.rglob("*.md") if not SKIPPED & set(p.relative_to(ROOT).parts))
TEXTS = sorted(
    p
    for folder in ("ketadash", "pages", "benchmarks", "scripts", "sample_data", "docs", "tests/oracle", ".ci")
    for p in (ROOT / folder).rglob("*")
    if p.suffix in {".py", ".md", ".R", ".js", ".css", ".sas", ".toml", ".sh", ""} and p.is_file()
) + sorted(
    p for p in ROOT.iterdir() if p.suffix in {".py", ".md", ".toml", ".yaml"} or p.name in {"Makefile", "Dockerfile"}
)
SCRIPTS = sorted(p for folder in ("benchmarks", "scripts", "sample_data") for p in (ROOT / folder).glob("*.py"))
# Names that begin like a module's and are none: where Streamlit serves plotly, and where a wheel keeps the app.
NO_MODULES = {"ketadash.plotly", "ketadash/_app", "ketadash/_app/"}


def _prose(document: Path) -> str:
    """A document without its blocks of code."""
    return re.sub(r"(?ms)^```.*?^```$", "", document.read_text(encoding="utf-8"))


# --- paths -----------------------------------------------------------------------------------------------------------

# In backticks, what can only be a path of this repository: one that begins with a folder of it, or a file of code.
TOP = sorted(p.name for p in ROOT.iterdir() if p.is_dir() and p.name not in SKIPPED)
PATH = re.compile(rf"`((?:(?:{'|'.join(map(re.escape, TOP))})/[\w./*-]*)|[\w/-]+\.(?:py|R|js|css|json))`")


@in_every(DOCUMENTS)
def test_a_path_in_a_document_is_there(document):
    folders = (ROOT, document.parent)
    paths = PATH.findall(_prose(document))
    assert [path for path in paths if not any([*folder.glob(path.rstrip("/"))] for folder in folders)] == []


def slug(heading: str) -> str:
    """What GitHub calls a heading in a link."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@in_every(DOCUMENTS)
def test_a_link_leads_somewhere(document):
    for target in re.findall(r"\]\(([^)\s]+)\)", _prose(document)):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, anchor = target.partition("#")
        there = (document.parent / path).resolve() if path else document
        assert there.exists(), target
        if anchor:
            headings = re.findall(r"(?m)^#+ (.+)$", there.read_text(encoding="utf-8"))
            assert anchor in map(slug, headings), target


# --- modules and what is in them -------------------------------------------------------------------------------------


def missing(name: str) -> bool:
    """Whether a dotted name is neither a module nor something in one."""
    parts = name.split(".")
    for k in range(len(parts), 0, -1):
        path = ROOT.joinpath(*parts[:k])
        if path.is_dir() or path.with_suffix(".py").is_file():
            thing: object = importlib.import_module(".".join(parts[:k]))
            for attribute in parts[k:]:
                if not hasattr(thing, attribute):
                    return True
                thing = getattr(thing, attribute)
            return False
    return True


@in_every(TEXTS)
def test_a_module_or_a_file_of_the_package_is_there_where_it_is_named(path):
    text = path.read_text(encoding="utf-8")
    for made in re.findall(r"(?m)^# new: (\S+)$", text):  # a recipe makes it: tests/test_extending.py
        text = text.replace(made, "").replace(made.removesuffix(".py").replace("/", "."), "")
    files = set(re.findall(r"(?<![\w/.-])ketadash(?:/[\w.-]*\w)+/?", text)) - NO_MODULES
    assert sorted(name for name in files if not (ROOT / name).exists()) == []
    modules = set(re.findall(r"(?<![\w/.-])ketadash(?:\.[A-Za-z_]\w*)+(?![\w/-])", text)) - NO_MODULES
    assert sorted(filter(missing, modules)) == []


def _defined(module: Path) -> set[str]:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    names = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    targets = [t for n in tree.body if isinstance(n, ast.Assign) for t in n.targets]
    targets += [n.target for n in tree.body if isinstance(n, ast.AnnAssign)]
    return names | {t.id for t in targets if isinstance(t, ast.Name)}


@in_every(DOCUMENTS)
def test_what_a_document_names_behind_a_module_is_in_it(document):
    """As in ``ketadash/stats/rspl.py``: ``fit``, ``fit_many``."""
    for module, names in re.findall(r"`([\w/]+\.py)`: ((?:`[\w()]+`(?:,? (?:and )?|\s)?)+)", _prose(document)):
        there = {name.removesuffix("()") for name in re.findall(r"`([\w()]+)`", names)}
        assert sorted(there - _defined(ROOT / module)) == [], module


# --- scripts ---------------------------------------------------------------------------------------------------------


@in_every(SCRIPTS)
def test_a_script_finds_what_it_takes_from_the_package(script):
    """Each import, and each use of an imported module: benchmarks are too slow to be run here."""
    tree = ast.parse(script.read_text(encoding="utf-8"))
    modules: dict[str, object] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "ketadash":
            home = importlib.import_module(str(node.module))
            for alias in node.names:
                if not hasattr(home, alias.name):
                    importlib.import_module(f"{node.module}.{alias.name}")
                modules[alias.asname or alias.name] = getattr(home, alias.name)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "ketadash":
                    importlib.import_module(alias.name)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            thing = modules[node.value.id]
            if type(thing) is type(ast):  # a module; what objects have is for their own tests
                assert hasattr(thing, node.attr), f"{node.value.id}.{node.attr}, line {node.lineno}"


def test_the_benchmarks_that_make_runs_are_there():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = re.search(r"patsubst %,benchmarks/%\.py,([\w ]+)\)", makefile)
    assert named and [name for name in named[1].split() if not (ROOT / f"benchmarks/{name}.py").is_file()] == []
    for path in re.findall(r"(?<![\w/])(?:scripts|benchmarks|tests)/[\w/]+\.py", makefile):
        assert (ROOT / path).is_file(), path


def test_what_is_not_there_is_seen():
    assert missing("ketadash.words_legends") and missing("ketadash.core.spec.NoSuchThing")
    assert not missing("ketadash.core.spec.AnalysisSpec")
    assert PATH.findall("`ketadash/words.py`, `memo.py`, `tests/oracle` and `N/A`") == [
        "ketadash/words.py",
        "memo.py",
        "tests/oracle",
    ]
    assert slug("Word, LaTeX, Excel") == "word-latex-excel"


PROCESSES = [
    (path, node.value)
    for path in sorted((ROOT / "ketadash").rglob("*.py"))
    if ".main()" in (text := path.read_text(encoding="utf-8"))  # every process of the tests collects this
    for node in ast.walk(ast.parse(text))
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(".main()")
]


@pytest.mark.parametrize(("path", "code"), PROCESSES, ids=lambda x: getattr(x, "name", None))
def test_what_another_process_is_to_run_is_there(path, code):
    """A process is given a line of Python, which no rename of modules sees."""
    imported, _, called = code.partition("; ")
    names: dict[str, object] = {}
    exec(imported, names)
    assert callable(eval(called.removesuffix("()"), names))


def test_there_are_such_processes():
    assert len(PROCESSES) >= 3
