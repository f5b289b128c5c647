"""Small trials as CSV text: a sound one, and the same with one thing spoilt."""

from __future__ import annotations

import gzip

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


TEXT = (
    SOUND.decode().replace(",3,F", ",2.5,F").replace(",3,M", ",2.5,M")
)  # with halves, so that the decimal mark matters


DRESSED = {
    "utf-8": TEXT.encode(),
    "utf-8 with mark": TEXT.encode("utf-8-sig"),
    "utf-16": TEXT.encode("utf-16"),
    "utf-16 big-endian": b"\xfe\xff" + TEXT.encode("utf-16-be"),
    "utf-16 without mark": TEXT.encode("utf-16-le"),
    "windows line ends": TEXT.replace("\n", "\r\n").encode(),
    "old mac line ends": TEXT.replace("\n", "\r").encode(),
    "no last line end": TEXT.rstrip("\n").encode(),
    "gzip": gzip.compress(TEXT.encode()),
    "semicolons, decimal comma": TEXT.replace(",", ";").replace("2.5", "2,5").encode(),
    "semicolons, decimal point": TEXT.replace(",", ";").encode(),
    "Excel's sep line": ("sep=;\n" + TEXT.replace(",", ";").replace("2.5", "2,5")).encode(),
    "tabs": TEXT.replace(",", "\t").encode(),
    "bars": TEXT.replace(",", "|").encode(),
    "quotes": "\n".join(",".join(f'"{c}"' for c in line.split(",")) for line in TEXT.splitlines()).encode(),
    "spaces": TEXT.replace(",", " , ").encode(),
    "trailing delimiter": TEXT.replace("\n", ",\n").encode(),
    "blank lines": ("\n\n" + TEXT.replace("\n", "\n\n", 5)).encode(),
    "empty rim of a spreadsheet": (TEXT + ",,,,,\n" * 3).encode(),
    "other names": TEXT.replace(
        "participant_id,arm,day,drinks,sex", "USUBJID,Treatment,Study Day,Drinks,GENDER"
    ).encode(),
    "sex in words": TEXT.replace(",F,", ",Female,").replace(",M,", ",MALE,").encode(),
    "days as decimals": TEXT.replace("o,1,", "o,1.0,").encode(),
}
