"""A small trial with every kind of file, whose every name is odd: what an export meets in real ones."""

import json

from ketadash.core.spec import AnalysisSpec, DropoutRule, Estimand, MissingRule, Trend
from ketadash.trial import load
from ketadash.trial.sources import gather

# Each is a name that an arm, a reason, an event, a measure or a title may have.
NAMES = {
    "long": "A randomised trial of a treatment that takes some time to be named " * 5,
    "braces": "dose {low} {} {0} {hallgren} {gelman,imor} %s %(x)s $x ${x} {{x",
    "no characters": "a\ufffe\uffffb\ufdd0\ufdd1{x}\U0001fffe",
    "control characters": "a\x0bb\x0cc\x01d\x1be\x7ff\x85g\u2028h\u2029i",
    "markup": "</script><!--<![CDATA[ ]]>&amp;&#0;&#xFFFE;<w:p/>\"'<img src=x onerror=alert(1)>",
    "formulas": '=HYPERLINK("http://x")\t=1+1\n@SUM(A1)',
    "LaTeX": "\\input{/etc/passwd} \\end{document} %& _^~#${}[]",
    "scripts": "\u202eabc \u05d0\u05d1 e" + "\u0301" * 40 + " 漢字 🧪🏳️‍🌈 _x000B_",
    "words without end": "L" * 10_500,
}
STATES = {
    "declared": AnalysisSpec(),
    "five choices changed": AnalysisSpec(
        missing=MissingRule.MISSING,
        trend=Trend.LINEAR,
        adjust=False,
        estimand=Estimand.TYPICAL,
        dropout=DropoutRule.CENSORED,
        confidence=0.9,
        heavy_men=2.0,
        heavy_women=1.0,
    ),
    "imputed": AnalysisSpec(missing=MissingRule.IMOR, imor_control=0.5, imputations=2, dropout=DropoutRule.IMPUTED),
    "reference": AnalysisSpec(missing=MissingRule.JUMP_TO_REFERENCE, imputations=1, dropout=DropoutRule.COMPETING),
}


def _csv(rows):
    def cell(value):
        return '"' + str(value).replace('"', '""') + '"'

    return "\n".join(",".join(map(cell, row)) for row in rows).encode()


def _toml(text):
    """A text in TOML, control characters escaped as it asks."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def files(name: str, substance: str | None = None) -> dict[str, bytes]:
    """The trial's files; every name in them is `name`, told apart and cut where the reading asks for it."""
    full, name = name, name[:180]  # longer identifiers and arms are refused
    arms, people, amount = (f"placebo {name}", f"{name} active"), range(24), "drinks" if substance is None else "amount"
    days = [["participant_id", "day", amount]]
    days += [
        [f"{k} {name}", d, "" if d > 6 and k % 5 == 0 else 0 if (k * 7 + d) % 3 else 1 + (k * d) % 6]
        for k in people
        for d in range(1, 9)
    ]
    persons = [
        [
            "participant_id",
            "arm",
            "sex",
            "age",
            f"baseline_{amount}",
            f"race {name}",
            "dropout_reason",
            "received",
            "cadss_after_infusion",
            "followup_6m_abstinent",
        ]
    ]
    persons += [
        [
            f"{k} {name}",
            arms[k % 2],
            "FM"[k // 2 % 2],
            30 + k,
            3 + k % 5,
            f"{full} {k % 3}",
            full if k % 5 == 0 else "",
            "yes",
            2 + 3 * k % 11,
            (k + k % 2) % 2,
        ]
        for k in people
    ]
    visits = [["participant_id", "day", f"craving {name[:60]}"]]
    visits += [[f"{k} {name}", d, (k * 7 + d) % 13 + 1] for k in people for d in (0, 3, 7)]
    events = [["participant_id", "event", "day", "severity"]]
    events += [[f"{k} {name}", f"{full} {k % 3}", 1 + k % 7, "mild"] for k in people]
    title = full[:2_000]  # longer texts are refused
    said = [f"title = {_toml(title)}", f"event = {_toml(title)}"]
    if substance is not None:
        said += [f"substance = {_toml(substance)}", 'amount = "amount"', 'baseline = "baseline_amount"']
    toml = "\n".join([*said, "[table1]", f"age = {_toml(title)}"])
    return {
        "days.csv": _csv(days),
        "participants.csv": _csv(persons),
        "visits.csv": _csv(visits),
        "adverse_events.csv": _csv(events),
        "trial.toml": toml.encode(),
    }


def trial(name: str, substance: str | None = None):
    """That trial, read."""
    given = files(name, substance)
    return load(gather(given, "mine"))
