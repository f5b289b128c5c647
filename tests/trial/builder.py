"""Small trials as CSV text: a sound one, and the same with one thing spoilt."""

from __future__ import annotations

HEADER = "participant_id,arm,day,drinks,sex,baseline_drinks\n"


def rows(n_per_arm: int = 3, days: int = 4) -> list[list[str]]:
    """Rows of a sound trial: placebo P1.., ketamine P11..; drinks vary by person and day."""
    people = [(f"P{i + 1}", "placebo") for i in range(n_per_arm)] + [
        (f"P{i + 11}", "ketamine") for i in range(n_per_arm)
    ]
    return [
        [who, arm, str(day), str((k + day) % 7), "FM"[k % 2], str(10 + k)]
        for k, (who, arm) in enumerate(people)
        for day in range(1, days + 1)
    ]


def csv_text(table: list[list[str]], header: str = HEADER) -> str:
    """The rows under their header."""
    return header + "".join(",".join(row) + "\n" for row in table)


def spoil(row: int, column: int, cell: str) -> bytes:
    """A sound trial whose cell (row, column) reads `cell`; row 0 stands in line 2 of the file."""
    table = rows()
    table[row][column] = cell
    return csv_text(table).encode()


SOUND = csv_text(rows()).encode()
