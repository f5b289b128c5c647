"""Results → the JSON of `ketadash analyze`: a contract with outsiders, strict JSON in full precision."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from dataclasses import asdict
from json.encoder import encode_basestring
from typing import Any

from ketadash import analyse
from ketadash.analyse.binary import rules_quick
from ketadash.core.errors import SpecError
from ketadash.core.p_values import everywhere
from ketadash.core.spec import AnalysisSpec
from ketadash.core.view import PValues
from ketadash.questions import registry
from ketadash.questions.shared.document import Document
from ketadash.trial import Trial, resolve

SCHEMA_VERSION = "1.1"
SectionWriters = dict[str, list[Callable[..., Document]]]


def writers() -> SectionWriters:
    """Behind each name that `--only` takes, the questions that write that part of the document."""
    by_section: SectionWriters = {}
    for one in registry.QUESTIONS:
        if one.document is not None:
            by_section.setdefault(one.only or one.key, []).append(one.document)
        for name, write in one.documents.items():
            by_section.setdefault(name, []).append(write)
    return by_section


def section_names() -> tuple[str, ...]:
    """What `--only` takes, in the order of the document."""
    return tuple(writers())


def sections(text: str | None) -> tuple[str, ...]:
    """The sections named in ``"abstinence,nnt"``, all of them for None; SpecError for one that does not exist."""
    if text is None:
        return section_names()
    wanted = tuple(name.strip() for name in text.split(",") if name.strip())
    unknown = [name for name in wanted if name not in section_names()]
    if unknown or not wanted:
        raise SpecError(f"--only takes {', '.join(section_names())}; '{text}' names {', '.join(unknown) or 'none'}")
    return wanted


def analysis(
    trial: Trial, spec: AnalysisSpec, wanted: Iterable[str] | None = None, *, deep: bool = False, hidden: bool = False
) -> dict[str, Any]:
    """Everything the contract names, for one trial and one (unresolved) spec.

    The tipping map and the specification curves, hundreds of fits, are part of sensitivity only if `deep`; p-values are
    left out if `hidden`, or if the trial declares so outside its declared analysis.

    Raises
    ------
    DataError, SpecError
        As `resolve` and the panel do.
    """
    spec, notes = resolve(trial, spec)
    warnings = [*trial.warnings, *notes, *analyse.panel_of(trial, spec).warnings]
    document: dict[str, Any] = {"schema_version": SCHEMA_VERSION, "warnings": warnings}
    document["provenance"] = asdict(analyse.provenance(trial, spec))
    document["null_because"] = because = dict[str, str]()  # parts that are null as a whole, or not by themselves
    wanted = set(section_names() if wanted is None else wanted)
    for name, section_writers in writers().items():
        for write in section_writers if name in wanted else ():
            parts, doubts = write(trial, spec, deep=deep)
            because |= parts.pop("null_because", {})
            document |= parts
            warnings += doubts
    strict = trial.declared.strict and document["provenance"]["exploratory"]
    document["warnings"] = list(dict.fromkeys(warnings))
    document = everywhere(document, PValues.HIDDEN if strict or hidden else PValues.SHOWN)
    if strict or hidden:
        why = "the trial declares strict, and this is not its declared analysis" if strict else "as on the page"
        document["warnings"].append(f"p-values are hidden: {why}")
    return document


LONG = {
    "sensitivity": "every combination of choices, every missing-day rule and the tipping map",
    "randomisation": "fits to shuffled arms",
    "influence": "fits without each participant",
}


def beforehand(trial: Trial, spec: AnalysisSpec, wanted: Iterable[str]) -> str | None:
    """What to say before parts that were named and take minutes in a trial of this size; None where none does."""
    resolved, _ = resolve(trial, spec)
    p, long = analyse.panel_of(trial, resolved), [LONG[name] for name in wanted if name in LONG]
    if not long or rules_quick(p, resolved):
        return None
    return f"{'; '.join(long)}: in a trial of {p.amount.size:,} participant-days that takes minutes"


def dumps(document: dict[str, Any]) -> str:
    """Strict JSON text, as ``json.dumps(…, indent=1)`` writes it: a NaN or an infinity that slipped in becomes null.

    Written here since that takes seconds for the hundred thousand numbers of a large trial.
    """
    return _text(document, "\n")


_WORDS = {None: "null", True: "true", False: "false"}


def _text(value: Any, line: str) -> str:
    """A value's text; `line` begins a new line at its depth."""
    if value is None or value is True or value is False:
        return _WORDS[value]
    if type(value) is int:
        return str(value)
    if isinstance(value, float):
        return float.__repr__(value) if math.isfinite(value) else "null"
    if isinstance(value, str):
        return _quoted(value)
    inner = line + " "
    if isinstance(value, dict):
        rows = [f"{_quoted(str(k))}: {_text(v, inner)}" for k, v in value.items()]
        return f"{{{inner}{f',{inner}'.join(rows)}{line}}}" if rows else "{}"
    if isinstance(value, list | tuple):
        rows = [_text(v, inner) for v in value]
        return f"[{inner}{f',{inner}'.join(rows)}{line}]" if rows else "[]"
    return json.dumps(value)


def _quoted(text: str) -> str:
    if not text.isascii():  # half of a UTF-16 pair cannot be written in UTF-8
        text = text.encode("utf-8", "replace").decode("utf-8")
    return encode_basestring(text)
