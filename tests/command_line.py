"""The command line, run in this process, and its JSON read strictly."""

from __future__ import annotations

import json
import re
from pathlib import Path

from ketadash import __main__ as cli

ROOT = Path(__file__).parents[1]


def run_main(capsys, *args):
    """Exit status, standard output, standard error of a command in this process."""
    try:
        status = cli.main([str(a) for a in args])
    except SystemExit as stop:  # argparse
        status = stop.code
    out, err = capsys.readouterr()
    return status, out, err


def refuse(name):
    raise ValueError(f"{name} is not strict JSON")


def strict_json(text):
    return json.loads(text, parse_constant=refuse)


def analyzed(capsys, *args):
    status, out, err = run_main(capsys, "analyze", *args)
    told = [line for line in err.splitlines() if not re.match(r"ketadash: .* \d+ of \d+", line)]  # how far it is
    assert (status, told) == (0, []), err
    return strict_json(out)
