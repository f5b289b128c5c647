"""A trial every text of which is an attack or an accident: what somebody's file may hold in its names and reasons."""

HTML = "<img src=x onerror=\"window.__pwned='img'\"><script>window.__pwned='script'</script><b>bold</b>"
LINK = "[click](javascript:window.__pwned='link') <a href='http://evil.example/'>a</a> http://evil.example/bare"
IMAGE = "![i](http://evil.example/i.png) <svg onload=\"window.__pwned='svg'\"></svg>"
MARKDOWN = "# head\n> quote **strong** `code` | a | b |\n|---|---|\n- item ~~gone~~"
LATEX = r"$\frac{1723}{2}$ $$\sum_i 1723 x_i$$ \(1723\) \[1723\]"
EMOJI = ":material/delete: :red[red] :smile: :blue-badge[b] <br> &lt; &amp; %{x} %{customdata}"
TURNED = "\u202egnp.exe\u2066 \u05d0\u05d1\u05d2 e" + "\u0301" * 60
FORMULA = '=HYPERLINK("http://evil.example/","x")'
LONG = "L" * 150  # as long as a name may be beside others: longer ones are refused (tests/ui/test_sent_bytes.py)
CONTROL, ACTIVE = f"placebo {HTML} {LINK}"[:195], f"active {IMAGE} {LATEX}"[:195]
EVERY = (HTML, LINK, IMAGE, LATEX, EMOJI, TURNED, FORMULA, LONG, "+1", "-1", "@a", "NULL", "'; DROP TABLE")


def _csv(*rows: object) -> bytes:
    def cell(value: object) -> str:
        return '"' + str(value).replace('"', '""') + '"'

    return "\n".join(",".join(map(cell, row)) for row in rows).encode()  # type: ignore[attr-defined]


def _toml(text: str) -> str:
    import json

    return json.dumps(text)


def files() -> dict[str, bytes]:
    """The files of the trial, by name."""
    n = 2 * len(EVERY)
    ids = [f"{EVERY[k // 2][:190]} {k}" for k in range(n)]
    arms = [(CONTROL, ACTIVE)[k % 2] for k in range(n)]
    strange = [EVERY[k % 6] for k in range(n)]
    days = [["participant_id", "day", "drinks", f"note {HTML}"]]
    days += [
        [i, d, "" if d > 7 and k % 5 == 0 else (k * 5 + d * 3 + k * d) % 7, strange[k]]
        for k, i in enumerate(ids)
        for d in range(-3, 11)
        if not (k == 3 and d > 6)
    ]
    people = [
        [
            "participant_id",
            "arm",
            "sex",
            "age",
            f"race {MARKDOWN} {HTML}",
            "dropout_reason",
            "received",
            "cadss_after_infusion",
            "followup_6m_abstinent",
        ]
    ]
    people += [
        [i, a, "FM"[k % 3 == 0], 30 + k, EVERY[k % 4], EVERY[k % 9], "yes", k % 11, k % 2]
        for k, (i, a) in enumerate(zip(ids, arms, strict=True))
    ]
    visits = [["participant_id", "day", f"craving {HTML} {LONG}", "stress"]]
    visits += [[i, d, (k * 7 + d) % 13 + 1, (k * 3 + d) % 9 + 1] for k, i in enumerate(ids) for d in (0, 3, 7, 10)]
    events = [["participant_id", "event", "day", "severity"]]
    events += [[ids[k], EVERY[k % len(EVERY)], 1 + k % 9, EVERY[(k + 1) % 3]] for k in range(n)]
    toml = "\n".join(
        [
            f"title = {_toml(f'{HTML} {LINK} {LATEX} {EMOJI}')}",
            f"control = {_toml(CONTROL)}",
            f"active = {_toml(ACTIVE)}",
            'days = "1:10"',
            f"event = {_toml(f'{HTML} {EMOJI}')}",
            f"substance = {_toml(f'alcohol {HTML}')}",
            "[analysis]",
            'called = "published"',
            "[flow]",
            "screened = 95",
            "[table1]",
            f"age = {_toml(f'Age {HTML} {LATEX} {LONG}')}",
            f"sex = {{label = {_toml(f'{IMAGE} {EMOJI}')}, levels = {{F = {_toml(LINK)}, M = {_toml(LATEX)}}}}}",
        ]
    )
    return {
        "days.csv": _csv(*days),
        "participants.csv": _csv(*people),
        "visits.csv": _csv(*visits),
        "adverse_events.csv": _csv(*events),
        "trial.toml": toml.encode(),
    }
