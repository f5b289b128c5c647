"""The shape of the house, kept by walking the syntax trees: who may import whom, and what may be where."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from every_file import ROOT, in_every
from source_trees import nodes, tree

PACKAGE = ROOT / "ketadash"
PAGES = [ROOT / "app.py", *sorted((ROOT / "pages").glob("*.py"))]
MODULES = sorted(PACKAGE.rglob("*.py"))
SOURCES = [*MODULES, *PAGES]

# Layer → the parts of ketadash it may import, beside itself.  Data enters at the top and leaves at the bottom.
MAY = {
    "core": (),
    "files": ("core",),
    "trial": ("core", "files", "results"),
    "results": ("core",),
    "stats": ("core", "results"),
    "analyse": ("core", "trial", "results", "stats"),
    "questions": ("core", "trial", "results", "analyse"),
    "export": ("core", "trial", "results", "analyse", "questions"),
    "ui": ("core", "files", "trial", "results", "analyse", "questions", "export"),
    "__main__": ("core", "files", "trial", "results", "analyse", "questions", "export", "ui.server"),
    "__init__": (),
}
PAGES_MAY = ("core", "results", "analyse", "questions", "export", "ui")
MOST_ENTRIES = 12  # at the package's root: a newcomer reads them at one glance

# Layer → libraries it may import besides Python's own.
LIBRARIES = {
    "core": {"numpy"},  # what a choice does to arrays; only inside functions, so that the command line starts at once
    "results": {"numpy"},
    "trial": {"numpy", "pandas"},
    "stats": {"numpy", "scipy"},
    "analyse": {"numpy", "scipy", "pandas", "joblib", "distributed"},  # the adapter from frames to arrays, and workers
    "questions": {"numpy", "pandas"},
}
# Slow to import, so only inside the functions that need them.
LAZY = {"stats/questionnaire_scores.py": {"statsmodels"}}
# From a seed, which its callers must name.
DRAWS = {"stats/imputation.py", "stats/model_check.py", "stats/randomisation.py"}


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _layer(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _imports(of: ast.AST) -> list[str]:
    """Every module imported anywhere in a tree, ``from ketadash import words`` as its module's full name."""
    found: list[str] = []
    for node in nodes(of):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written out, from ketadash"
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


def _at_the_top(module: ast.Module) -> list[str]:
    """Imports that run when the module is imported: not those in functions or for type checkers alone."""
    found: list[str] = []
    waiting: list[ast.stmt] = list(module.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            waiting += node.orelse
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            found += _imports(node)
        waiting += [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)]
    return found


def _inside(module: str, allowed: tuple[str, ...]) -> bool:
    return any(module == f"ketadash.{a}" or module.startswith(f"ketadash.{a}.") for a in allowed)


def _known(module: str) -> bool:
    """Whether ``ketadash.x`` names a part of the package (and not something in its ``__init__``)."""
    part = module.split(".")[1]
    return (PACKAGE / part).is_dir() or (PACKAGE / f"{part}.py").is_file()


def test_the_house_is_seen_at_one_glance():
    entries = [p.name for p in PACKAGE.iterdir() if p.name != "__pycache__"]
    assert len(entries) <= MOST_ENTRIES, sorted(entries)


def test_every_module_belongs_to_a_layer():
    assert {_layer(path) for path in MODULES} <= set(MAY)
    assert len(MODULES) > 40 and len(PAGES) > 5


@in_every(MODULES)
def test_imports_go_one_way(path):
    layer = _layer(path)
    own = [m for m in _imports(tree(path)) if m.startswith("ketadash.") and _known(m)]
    assert [m for m in own if not _inside(m, (*MAY[layer], layer))] == []


@in_every(PAGES)
def test_pages_see_results_words_and_ink(path):
    own = [m for m in _imports(tree(path)) if m.startswith("ketadash.") and _known(m)]
    assert [m for m in own if not _inside(m, PAGES_MAY)] == []


def test_nothing_imports_pages_or_the_command_line():
    for path in MODULES:
        if _layer(path) != "__main__":
            assert not [
                m
                for m in _imports(tree(path))
                if m.split(".")[0] in ("pages", "app") or m.startswith("ketadash.__main__")
            ], _name(path)


@in_every(MODULES)
def test_streamlit_is_in_the_ui_alone(path):
    if _layer(path) != "ui":
        assert not [m for m in _imports(tree(path)) if m.split(".")[0] == "streamlit"]


@in_every([p for p in MODULES if _layer(p) in LIBRARIES])
def test_each_layer_uses_only_its_libraries(path):
    module = tree(path)
    place = path.relative_to(PACKAGE).as_posix()
    used = {m.split(".")[0] for m in _imports(module)} - set(sys.stdlib_module_names) - {"ketadash"}
    assert used <= LIBRARIES[_layer(path)] | LAZY.get(place, set())
    at_once = {m.split(".")[0] for m in _at_the_top(module)}
    assert not at_once & LAZY.get(place, set())


def test_the_command_line_starts_without_the_heavy_libraries():
    code = "import sys, ketadash.__main__; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = {name.split(".")[0] for name in run.stdout.split()}
    assert not loaded & {"numpy", "scipy", "pandas", "lifelines", "streamlit", "plotly", "statsmodels"}


def test_an_analysis_loads_neither_streamlit_nor_plotly():
    code = "import sys, ketadash.export.analysis_json, ketadash.questions.shared.curve; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = {name.split(".")[0] for name in run.stdout.split()}
    assert "numpy" in loaded and not loaded & {"streamlit", "plotly", "lifelines"}


@in_every(PAGES)
def test_a_page_is_a_table_of_contents(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 60
    module = tree(path)
    sums = [ast.unparse(n) for n in nodes(module) if isinstance(n, ast.BinOp | ast.AugAssign)]
    assert sums == [], "a page computes nothing"
    assert not [m for m in _imports(module) if m.split(".")[0] in ("numpy", "scipy", "pandas", "math", "statistics")]


@in_every([*SOURCES, *sorted((ROOT / "tests").rglob("*.py"))])
def test_no_file_is_too_long(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


@in_every(SOURCES)
def test_no_function_is_too_long(path):
    functions = [n for n in nodes(tree(path)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert [f.name for f in functions if f.end_lineno - f.lineno >= 60] == []


def test_the_formatter_formats_everything():
    kept = "fmt" + ": "
    for path in [*SOURCES, *(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")]:
        assert f"# {kept}" not in path.read_text(encoding="utf-8"), _name(path)


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def test_no_imports_go_in_a_circle():
    """Those inside functions counted: a circle hidden there is one that a reader falls into."""
    modules = {_module(path): path for path in MODULES}
    graph = {}
    for name, path in modules.items():
        graph[name] = {m if m in modules else m.rpartition(".")[0] for m in _imports(tree(path))} & set(modules) - {
            name
        }
    done: set[str] = set()
    while loose := [m for m in graph if m not in done and graph[m] <= done]:
        done |= set(loose)
    assert sorted(set(graph) - done) == []


@in_every(SOURCES)
def test_no_error_is_swallowed(path):
    for node in nodes(tree(path)):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"line {node.lineno}: a bare except"
            broad = {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)} & {"Exception", "BaseException"}
            silent = all(isinstance(s, ast.Pass | ast.Continue) for s in node.body)
            assert not (broad and silent), f"line {node.lineno}: an error passed over in silence"


@in_every(SOURCES)
def test_nothing_is_unpickled_or_evaluated(path):
    module = tree(path)
    # joblib carries arrays between our own processes; nothing that came from outside is ever unpickled
    ours = {"joblib"} if _name(path) == "ketadash/analyse/batch.py" else set()
    imported = {m.split(".")[0] for m in _imports(module)} - ours
    assert not imported & {"pickle", "marshal", "shelve", "dill", "joblib"}
    called = {n.func.id for n in nodes(module) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    assert not called & {"eval", "exec", "compile", "__import__"}


@in_every([p for p in MODULES if _layer(p) == "stats"])
def test_kernels_draw_no_random_numbers(path):
    """Quadrature and REML are deterministic; whatever draws takes a seed and is listed in `DRAWS`."""
    if path.relative_to(PACKAGE).as_posix() in DRAWS:
        assert "default_rng()" not in path.read_text(encoding="utf-8") and "seed: int" in path.read_text(
            encoding="utf-8"
        )
        return
    assert not [m for m in _imports(tree(path)) if m.split(".")[0] == "random" or ".random" in m]
    attributes = {n.attr for n in nodes(tree(path)) if isinstance(n, ast.Attribute)}
    assert not attributes & {"random", "default_rng", "RandomState"}


@in_every(MODULES)
def test_every_module_says_what_it_is(path):
    assert ast.get_docstring(tree(path)) or path.name == "__init__.py"


Named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _public(body: list[ast.stmt], of: str = "") -> list[tuple[str, Named]]:
    """Public functions, classes and methods, by their names; those within functions are nobody else's."""
    found = []
    for node in body:
        if isinstance(node, Named) and not node.name.startswith("_"):
            found.append((of + node.name, node))
            if isinstance(node, ast.ClassDef):
                found += _public(node.body, f"{node.name}.")
    return found


@in_every(SOURCES)
def test_every_public_name_says_what_it_is(path):
    assert [name for name, node in _public(tree(path).body) if not ast.get_docstring(node)] == []


def test_no_two_tests_files_share_a_name():
    """pytest imports them by their names alone: the second of two would not be collected."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))


# The figures' laws look through every figure that the tests of figures draw.
LOOKS_THROUGH_OTHERS = "tests/figures/test_figure_laws.py"


@in_every([p for p in sorted((ROOT / "tests").rglob("*.py")) if _name(p) != LOOKS_THROUGH_OTHERS])
def test_no_test_file_is_imported(path):
    """What two of them share is in a helper module or a conftest: one that moves takes nothing of another's along."""
    assert [m for m in _imports(tree(path)) if m.split(".")[0].startswith("test_")] == []
