"""TOML as the files beside the data are written in it, within the bounds that its definition sets."""

from __future__ import annotations

import tomllib
from typing import Any

from ketadash.core.findings import short

LONGEST = 2_000  # characters of one text


def loads(text: str) -> dict[str, Any]:
    """The content of a TOML text as nested dictionaries; within bounds of size and depth.

    Raises
    ------
    ValueError
        With the reason in a few words: no TOML, nested too deeply, a text that is absurdly long, or a whole number of
        more than 64 bits (which TOML does not have, and which Python would neither write nor make a float of).
    """
    try:
        document = tomllib.loads(text)
    except RecursionError:
        raise ValueError("brackets within brackets without end") from None
    except ValueError as error:
        raise ValueError(short(str(error))) from None
    left: list[Any] = [document]
    while left:
        value = left.pop()
        if isinstance(value, dict | list):
            left += [*value, *value.values()] if isinstance(value, dict) else value
        elif isinstance(value, str) and len(value) > LONGEST:
            raise ValueError(f"a text of more than {LONGEST:,} characters")
        elif isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise ValueError("a whole number of more than 64 bits")
    return document


def not_valid(name: str, error: object) -> str:
    """The message for a file that is no TOML."""
    return f"{name} is not valid TOML: {error}; correct that line"
