"""Bytes spoiled: bits, cuts, splices, lies about sizes; inside archives and workbooks too, their sums made good."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import re
import struct
import zipfile
from collections.abc import Callable

from nasty_texts import NASTY

Change = Callable[[random.Random, bytes], bytes]
_PACKED = ((b"\x1f\x8b", gzip), (b"BZh", bz2), (b"\xfd7zXZ", lzma))
_BOMB = 30_000_000
_XML = (
    b"<v>1</v>",
    b'<c r="XFD1048576"><v>1</v></c>',
    b'<row r="1048576">',
    b"&#0;",
    b"&a;",
    b"<!DOCTYPE x []>",
    b"</row>",
    b' t="s"',
    b' t="e"',
    b' t="d"',
    b' s="999999"',
    b"<v>-1</v>",
    b"<v>1e999</v>",
    b"<v>99999999999999999999</v>",
    b'<mergeCell ref="A1:XFD1048576"/>',
    b'table:number-rows-repeated="1000000"',
    b'table:number-columns-repeated="16384"',
    b"]]>",
    b"<f>1+1</f>",
    b"<is><t>x</t></is>",
    b"\xff\xfe",
)
_TOML = (
    "[",
    "]",
    "[[",
    "=",
    '"',
    "'''",
    '"\\ud800"',
    "9" * 5_000,
    "0x" + "f" * 5_000,
    "1e999",
    "nan",
    "-1",
    "true",
    "1979-05-27T07:32:00Z",
    "2024-99-99",
    "{a = {b = 1}}",
    "[" * 3_000,
    "x = 1",
    "\x00",
    "[analysis]",
    "[a.b.c]",
    "days = 3",
    'days = "1:99999999999999999999"',
    'days = "5:1"',
    "strict = 3",
    "imputations = 0x" + "f" * 400,
    "control = 1",
    'unit = "x"',
    "number = 3",
    "number = [1]",
    "[[number]]",
    "confidence = inf",
    "tau = -5",
    "levels = [1, 2]",
    "label = 3",
    "screened = 0x" + "f" * 5_000,
    "seed = 9223372036854775807",
    'path = "a[b=c].d"',
    'path = ""',
    "digits = 999",
    "value = nan",
    "scale = 0",
    "heavy_men = nan",
    'missing = "imor"',
    "quadrature_points = 99999",
    'estimand = "typical"',
    'dropout = "competing"',
    "\ufeff",
    "unknown = [[1]]",
    "columns = 3",
    "start_day = 1.0",
    "start_date = 2024-03-11T10:00:00",
)


def spoiled(rng: random.Random, raw: bytes, another: Callable[[], bytes]) -> tuple[bytes, list[str]]:
    """One to three changes of the bytes, half of them behind the packing; and what they were."""
    said = []
    for _ in range(rng.choice([1, 1, 2, 3])):
        if rng.random() < 0.08:
            raw, what = _spliced(rng, raw, another()), "spliced"
        elif raw[:2] == b"PK" and rng.random() < 0.65:
            raw, what = _in_zip(rng, raw, another)
        elif rng.random() < 0.6 and (how := next((h for magic, h in _PACKED if raw.startswith(magic)), None)):
            raw, what = _in_packing(rng, raw, how)
        else:
            change = rng.choice(CHANGES if raw[:200].isascii() is False else CHANGES + TEXT_CHANGES * 2)
            raw, what = change(rng, raw), change.__name__.strip("_")
        said.append(what)
    return raw, said


def toml(rng: random.Random, text: str) -> tuple[str, str]:
    """A TOML text with a value, a line or a piece of it made rubbish."""
    token = rng.choice(_TOML)
    how = rng.choice(["value", "line", "line", "cut", "piece"])
    lines = text.split("\n")
    at = rng.randrange(len(lines))
    if how == "value":
        key = lines[at].partition("=")[0]
        lines[at] = f"{key}= {token}"
    elif how == "line":
        lines.insert(at, token)
    elif how == "cut":
        lines = lines[:at]
    else:
        i = rng.randrange(len(text))
        return text[:i] + token + text[i + rng.randrange(8) :], how
    return "\n".join(lines), how


def _at(rng: random.Random, raw: bytes) -> int:
    """A place, often near the head or the end, where the formats keep their structure."""
    n = max(1, len(raw))
    return rng.choice([rng.randrange(n), rng.randrange(min(n, 300)), max(0, n - 1 - rng.randrange(min(n, 300)))])


def _bits(rng: random.Random, raw: bytes) -> bytes:
    out = bytearray(raw or b"\0")
    for _ in range(rng.choice([1, 2, 8, 40])):
        out[_at(rng, raw)] ^= 1 << rng.randrange(8)
    return bytes(out)


def _cut(rng: random.Random, raw: bytes) -> bytes:
    return raw[: _at(rng, raw)]


def _beheaded(rng: random.Random, raw: bytes) -> bytes:
    return raw[_at(rng, raw) :]


def _inserted(rng: random.Random, raw: bytes) -> bytes:
    i = _at(rng, raw)
    return raw[:i] + rng.randbytes(rng.choice([1, 4, 100])) + raw[i:]


def _lost(rng: random.Random, raw: bytes) -> bytes:
    i = _at(rng, raw)
    return raw[:i] + raw[i + rng.choice([1, 4, 100]) :]


def _repeated(rng: random.Random, raw: bytes) -> bytes:
    i = _at(rng, raw)
    return raw[:i] + raw[i : i + rng.choice([1, 16, 500])] * rng.choice([2, 20, 300]) + raw[i:]


def _number(rng: random.Random, raw: bytes) -> bytes:
    """A length, a count or an offset made extreme."""
    i = _at(rng, raw)
    value = rng.choice([0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 0x80000000, 2**63 - 1, 2**64 - 1])
    size = rng.choice([1, 2, 4, 8])
    return raw[:i] + (value & ((1 << 8 * size) - 1)).to_bytes(size, rng.choice(["little", "big"])) + raw[i + size :]


def _zeros(rng: random.Random, raw: bytes) -> bytes:
    i = _at(rng, raw)
    n = rng.choice([4, 50, 600])
    return raw[:i] + bytes(n) + raw[i + n :]


def _spliced(rng: random.Random, raw: bytes, other: bytes) -> bytes:
    return rng.choice([raw + other, raw[: _at(rng, raw)] + other[_at(rng, other) :], other[:64] + raw[64:]])


CHANGES: tuple[Change, ...] = (_bits, _bits, _cut, _beheaded, _inserted, _lost, _repeated, _number, _number, _zeros)


def _token(rng: random.Random, raw: bytes) -> bytes:
    """A hostile word in place of some cell."""
    cells = [m.span() for m in re.finditer(rb"[^,;\t|\r\n]+", raw[:20_000])] or [(0, 0)]
    a, b = rng.choice(cells)
    return raw[:a] + rng.choice(NASTY).encode(rng.choice(["utf-8", "utf-16-le"]), "surrogatepass") + raw[b:]


def _ragged(rng: random.Random, raw: bytes) -> bytes:
    marks = [m.start() for m in re.finditer(rb"[,;\t|\r\n]", raw[:20_000])] or [0]
    i = rng.choice(marks)
    return (
        raw[:i]
        + rng.choice([b"", b",", b";;", b"\t", b"|", b"\n", b"\r", b"\r\n\r\n", b'"', b'""', b",,,,,,"])
        + raw[i + rng.choice([0, 1]) :]
    )


def _mixed_encoding(rng: random.Random, raw: bytes) -> bytes:
    i = _at(rng, raw)
    return (
        raw[:i]
        + rng.choice(
            [
                b"\xe9\xe8",
                b"\xef\xbb\xbf",
                b"\xff\xfe",
                b"\x80" * 60,
                b"\xed\xa0\x80",
                b"\x00",
                "ж".encode("cp1251") * 50,
                "日本".encode("shift_jis") * 30,
                b"\x1a",
                b"\x0c",
            ]
        )
        + raw[i:]
    )


def _above(rng: random.Random, raw: bytes) -> bytes:
    head = rng.choice(
        [
            b"sep=;\n",
            b'sep="\n',
            b"sep= \n",
            b"sep=\xc3\xa9\n",
            b"sep=\\\n",
            b"\n\n\n",
            b"A title\n\n",
            b"#x\n",
            b"-" * 60_000 + b",",
            b'"' * 7,
            b"x" * 140_000 + b",",
            b"a,b\n" * 20,
            b",,,\n",
            b"\x0b\x0c\n",
        ]
    )
    return head + raw


def _below(rng: random.Random, raw: bytes) -> bytes:
    return raw + rng.choice(
        [b"\n" * 100_000, b",,,,\n" * 500, b"Total,,,99\n", b"'", b'"', b"\x1a", b"1" * 200_000 + b"x\n"]
    )


TEXT_CHANGES: tuple[Change, ...] = (_token, _token, _ragged, _ragged, _mixed_encoding, _above, _below)


def _in_packing(rng: random.Random, raw: bytes, how) -> tuple[bytes, str]:
    try:
        plain = how.decompress(raw)
    except Exception:  # spoiled before
        return _bits(rng, raw), "bits"
    if rng.random() < 0.07:
        return how.compress(bytes(_BOMB)), "bomb"
    if rng.random() < 0.07:
        return how.compress(raw), "packed twice"
    change = rng.choice(CHANGES + TEXT_CHANGES * 2)
    return how.compress(change(rng, plain)), f"inside {change.__name__.strip('_')}"


def _in_zip(rng: random.Random, raw: bytes, another: Callable[[], bytes]) -> tuple[bytes, str]:
    """One member of a zip changed and the zip written anew; or the zip's own directory made to lie."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = {n: archive.read(n) for n in archive.namelist()}
    except Exception:  # spoiled before
        return _bits(rng, raw), "bits"
    how = rng.choice(["xml", "xml", "xml", "bytes", "bytes", "drop", "add", "bomb", "nested", "lie", "method"])
    if not members or how in ("lie", "method"):
        return _lying(rng, raw, how), how
    big = [n for n in members if "sheet" in n or "content" in n or "sharedStrings" in n or "workbook" in n]
    name = rng.choice(big if big and rng.random() < 0.7 else list(members))
    if how == "drop":
        del members[name]
    elif how == "add":
        extra = rng.choice(["xl/vbaProject.bin", "../x.csv", "/etc/x.csv", "days.csv", "a/" * 500 + "x.csv", "CON.csv"])
        members[extra] = another()
    elif how == "bomb":
        members[name] = (members[name][:200] + b" " * _BOMB) if rng.random() < 0.5 else bytes(_BOMB)
    elif how == "nested":
        members[rng.choice([name, "inner.zip", "inner.csv"])] = raw
    elif how == "xml":
        members[name] = _xml(rng, members[name])
    else:
        members[name] = rng.choice(CHANGES)(rng, members[name])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", rng.choice([zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])) as archive:
        for n, content in members.items():
            archive.writestr(n, content)
    return out.getvalue(), f"{how} in {name.rpartition('/')[2][:20]}"


def _xml(rng: random.Random, raw: bytes) -> bytes:
    """A tag, a value or a place in XML replaced."""
    spots = [m.span() for m in re.finditer(rb'"[^"<>]*"|>[^<>]*<|</?[^<>]*>', raw[:60_000])] or [(0, 0)]
    for _ in range(rng.choice([1, 2, 6])):
        a, b = rng.choice(spots)
        token = rng.choice([*_XML, *(t.encode("utf-8", "replace") for t in NASTY)])
        if raw[a : a + 1] == b'"':
            token = b'"' + token.replace(b'"', b"") + b'"'
        elif raw[a : a + 1] == b">":
            token = b">" + token + b"<"
        raw = raw[:a] + token + raw[b:]
    return raw


def _lying(rng: random.Random, raw: bytes, how: str) -> bytes:
    """Sizes, counts, flags or methods that are not so, in an entry or in the directory."""
    out = bytearray(raw)
    kinds = (
        (b"PK\x03\x04", (6, 8, 14, 18, 22, 26, 28)),
        (b"PK\x01\x02", (8, 10, 16, 20, 24, 28, 30, 32, 42)),
        (b"PK\x05\x06", (8, 10, 12, 16, 20)),
    )
    magic, fields = rng.choice(kinds)
    at = raw.find(magic, rng.randrange(max(1, len(raw) // 2)))
    if at < 0 or at + 50 > len(raw):
        return _bits(rng, raw)
    if how == "method":
        field = 8 if magic == kinds[0][0] else 10
        struct.pack_into("<H", out, at + field, rng.choice([0, 8, 9, 12, 14, 93, 99]))
    else:
        struct.pack_into("<I", out, at + rng.choice(fields), rng.choice([0, 1, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF]))
    return bytes(out)
