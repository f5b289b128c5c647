"""Slides written to PowerPoint, opened again."""

from known_trials import sample_trial
from odd_trials import NAMES, STATES
from odd_trials import trial as odd
from pptx.oxml.ns import qn
from taken_away import content

from ketadash.core.spec import PValues, Trend
from ketadash.trial import load
from ketadash.trial.masking import masked
from ketadash.trial.sources import gather


def charts(deck):
    return {shape.name: shape.chart for slide in deck.slides for shape in slide.shapes if shape.has_chart}


def numbers(element, tag):
    found = element.find(f".//{qn(tag)}")
    return [] if found is None else [float(v.text) for v in found.iter(qn("c:v"))]


def few():
    """Three people an arm."""
    rows = [f"P{i},{('drug', 'placebo')[i % 2]},{d},{(i * 7 + d * 3) % 5}" for i in range(6) for d in range(1, 8)]
    return load(gather(("participant_id,arm,day,drinks\n" + "\n".join(rows)).encode(), "mine.csv"))


def many_events():
    """More adverse events than a slide can hold."""
    people = "participant_id,arm\n" + "\n".join(f"P{i},{('drug', 'placebo')[i % 2]}" for i in range(40))
    days = "participant_id,day,drinks\n" + "\n".join(f"P{i},{d},{(i + d) % 3}" for i in range(40) for d in range(1, 8))
    events = "participant_id,day,event\n" + "\n".join(f"P{i},2,event {k}" for k in range(20) for i in range(k, 40, 3))
    files = {"participants.csv": people, "days.csv": days, "adverse_events.csv": events}
    return load(gather({name: text.encode() for name, text in files.items()}, None))


def hidden():
    spec = sample_trial().declared.published.replace(trend=Trend.LINEAR)
    return content(sample_trial(), spec, p_values=PValues.HIDDEN)


ROOMS = {
    "three an arm": lambda: content(few()),
    "hidden p-values": hidden,
    "suppressed": lambda: content(sample_trial(), suppress=True),
    "masked": lambda: content(masked(sample_trial(), b"1")),
    "many events": lambda: content(many_events(), pages=["safety"]),
    "five choices": lambda: content(odd(NAMES["long"]), STATES["five choices changed"]),
    **{
        name: lambda name=name: content(odd(NAMES[name])) for name in ("long", "words without end", "scripts", "markup")
    },
}
USUAL = ("three an arm", "many events", "long")


def sizes(slide):
    """Every size of type on a slide, by where it stands; texts without one of their own have None."""
    for shape in slide.shapes:
        frames = [shape.text_frame] if shape.has_text_frame else []
        if shape.has_table:
            frames = [cell.text_frame for row in shape.table.rows for cell in row.cells]
        for frame in frames:
            for run in (run for paragraph in frame.paragraphs for run in paragraph.runs if run.text.strip()):
                yield run.text[:30], run.font.size and run.font.size.pt
        if shape.has_chart:
            element = shape.chart._chartSpace
            yield "chart", shape.chart.font.size.pt
            for properties in (*element.iter(qn("a:rPr")), *element.iter(qn("a:defRPr"))):
                if properties.get("sz") is not None:
                    yield f"chart {shape.name}", int(properties.get("sz")) / 100
