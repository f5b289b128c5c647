"""The files that tell a newcomer what this is, who may use it and how to take part: whole, and of one mind."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import trove_classifiers
import yaml

import ketadash

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
HOOKS = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
# Citation File Format 1.2.0, the keys of a file and those that it must have.
CFF_REQUIRED = {"authors", "cff-version", "message", "title"}
CFF_KEYS = CFF_REQUIRED | {
    "abstract",
    "commit",
    "contact",
    "date-released",
    "doi",
    "identifiers",
    "keywords",
    "license",
    "license-url",
    "preferred-citation",
    "references",
    "repository",
    "repository-artifact",
    "repository-code",
    "type",
    "url",
    "version",
}


def test_the_citation_file_is_one():
    assert set(CITATION) >= CFF_REQUIRED and set(CITATION) <= CFF_KEYS
    assert CITATION["cff-version"] == "1.2.0" and CITATION["type"] == "software"
    assert all(isinstance(CITATION[key], str) and CITATION[key].strip() for key in ("title", "message", "abstract"))
    assert CITATION["authors"] and all(set(author) == {"name"} for author in CITATION["authors"])
    assert len(CITATION["keywords"]) == len(set(CITATION["keywords"])) > 2


def test_name_version_licence_and_authors_are_the_same_everywhere():
    assert CITATION["title"] == PROJECT["name"]
    assert CITATION["version"] == PROJECT["version"] == ketadash.__version__
    assert CITATION["license"] == PROJECT["license"] == "MIT"
    assert CITATION["authors"] == PROJECT["authors"]
    assert CITATION["abstract"].strip() == PROJECT["description"]
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert licence.startswith("MIT License\n") and PROJECT["authors"][0]["name"] in licence


def test_the_metadata_are_known_to_package_indexes():
    classifiers = PROJECT["classifiers"]
    assert set(classifiers) <= trove_classifiers.classifiers
    assert not [c for c in classifiers if c.startswith("License ::")], "a licence expression stands instead (PEP 639)"
    least = re.fullmatch(r">=3\.(\d+)", PROJECT["requires-python"])
    named = sorted(int(c.rpartition(".")[2]) for c in classifiers if re.search(r"Python :: 3\.\d+$", c))
    assert least and named[0] == int(least[1])
    assert len(PROJECT["keywords"]) == len(set(PROJECT["keywords"])) > 2


def test_no_project_file_names_a_place_or_an_address():
    for name in ("CITATION.cff", "CONTRIBUTING.md", "LICENSE", ".pre-commit-config.yaml", "pyproject.toml"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text and not re.search(r"\w@\w", text), name


def test_the_hooks_before_a_commit_are_those_of_make_lint():
    assert [repository["repo"] for repository in HOOKS["repos"]] == ["local"]
    hooks = HOOKS["repos"][0]["hooks"]
    assert {hook["language"] for hook in hooks} == {"system"}
    ours = [hook["entry"].removeprefix(".venv/bin/python -m ") for hook in hooks]
    rule = re.search(r"^lint:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert rule and ours == [line.strip().removeprefix("$(PY) -m ").removesuffix(" .") for line in rule[1].splitlines()]
    for entry in ours:
        module = entry.split()[0]
        subprocess.run([sys.executable, "-m", module, "--version"], check=True, capture_output=True)


def test_whoever_contributes_is_told_of_every_target_that_checks():
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    targets = set(re.findall(r"\bmake ([a-z-]+)\b", guide))
    there = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {"test", "test-all", "lint", "run", "lock"} <= targets <= there
    for name in re.findall(r"\]\(([^)#]+)\)", guide):
        assert (ROOT / name).exists(), name
