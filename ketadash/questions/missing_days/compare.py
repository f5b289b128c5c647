"""Abstinence under the chosen assumption over the same under the declared one."""

from __future__ import annotations

from ketadash.core.spec import ViewSpec
from ketadash.questions.shared import curve, theme
from ketadash.questions.shared.theme import Figure, Trace
from ketadash.results import BinaryOutcome

# --- the curve it moves ----------------------------------------------------------------------------------------------


def plot(
    now: BinaryOutcome,
    declared: BinaryOutcome,
    view: ViewSpec,
    *,
    analysis_name: str = "published",
    day_zero: str | None = None,
) -> Figure:
    """`curve.plot` of the present analysis over thin lines of the declared one's curves.

    The ghosts come first, control first, so that they lie below; there are none where the curves are the same.
    """
    figure = curve.plot(now, view, day_zero=day_zero)
    ghosts = (
        []
        if now.modelled == declared.modelled
        else [_ghost(declared, arm, analysis_name, view) for arm in declared.arms]
    )
    if ghosts:
        key = next(note for note in figure["layout"]["annotations"] if note.get("name") == "key")
        key["text"] += f"; thin: {theme.safe(analysis_name, 20)}"
    return figure | {"data": ghosts + figure["data"]}


def _ghost(declared: BinaryOutcome, arm: str, analysis_name: str, view: ViewSpec) -> Trace:
    points = [p for p in declared.modelled if p.arm == arm]
    name = f"{theme.safe(arm)}, {theme.safe(analysis_name, 20)}"
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [p.day for p in points],
        "y": [p.probability for p in points],
        "line": {"color": theme.ink(view).zero, "width": 1.5, "dash": theme.arm_ink(view, declared.arms)[arm].dash},
        "hovertemplate": f"<b>{name}</b>, day %{{x}}<br>Modelled %{{y:.4~%}}<extra></extra>",
    }
