"""A `Chart` as a native XY chart in a slide: its numbers lie in an embedded workbook and can be edited in PowerPoint.

python-pptx draws the chart; what it has no words for (error bars, where the plot lies) is put into the XML by hand, and
the workbook is ours: a block of columns for each series (x, y, error bars), texts never formulas.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from pptx.chart.data import XyChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_MARKER_STYLE, XL_TICK_LABEL_POSITION, XL_TICK_MARK
from pptx.enum.dml import MSO_LINE
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.util import Emu, Pt

from ketadash.export import slides_text as fit
from ketadash.export.printable import printable
from ketadash.export.sheets import text
from ketadash.questions.shared import theme
from ketadash.questions.shared.office_chart import Axis, Chart, Series

SHEET = "Data"
MARKERS = {
    "circle": XL_MARKER_STYLE.CIRCLE,
    "square": XL_MARKER_STYLE.SQUARE,
    "diamond": XL_MARKER_STYLE.DIAMOND,
    "plus": XL_MARKER_STYLE.PLUS,
}
DASHES = {"solid": MSO_LINE.SOLID, "5px,3px": MSO_LINE.DASH}
COLUMNS = 4  # of a series in the workbook: x, y, minus, plus
RIGHT, MOST_RIGHT = 0.04, 0.3  # share of the chart's width right of the plot: without, and at most with, arms' names
LOW, HIGH = 0.04, 0.78  # where the plot begins and how high it is, in parts of the chart's height
MOST_ROWS = 8  # with a text each that a chart can hold
MANY = 60  # points of an arm, which are drawn small: at their usual size they would be one smear
NEAR = 0.1  # of the level axis: points that end so near its end are named beside the plot
CLOSE = 1.3  # lines of type: nearer line ends would write one name over the other
LINE_PT, EDGE_PT, BAR_PT, LEVEL_PT = 2.25, 0.75, 1.0, 1.5
APART = 1.6  # widths of a number from the middle of one to that of the next
INTERVAL = "interval"  # the kind of a line that is one


def add(slide: Any, chart: Chart, place: tuple[int, int, int, int], *, size: float = 12.0, name: str = "") -> Any:
    """Draw `chart` on a slide at (left, top, width, height); `size` is that of its text in points."""
    # LibreOffice loses a series that comes before a longer one
    close = CLOSE * size / (HIGH * place[3] / Pt(1))  # as a share of the upright axis
    every = sorted((part for series in named_apart(chart, close) for part in _parts(series)), key=lambda s: -len(s.x))
    data = XyChartData()
    for series in every:
        points = data.add_series(printable(series.name))
        for x, y in zip(series.x, series.y, strict=True):
            points.add_data_point(x, y)
    frame = slide.shapes.add_chart(XL_CHART_TYPE.XY_SCATTER_LINES_NO_MARKERS, *(Emu(v) for v in place), data)
    frame.name = printable(name) or "Chart"
    drawn = frame.chart
    drawn.has_legend, drawn.has_title = False, False
    drawn.font.size, drawn.font.color.rgb = Pt(size), _rgb(theme.LIGHT.text)
    wide = place[2] / Pt(1)  # points, as all that follows
    right, left = _right(chart, wide, size), _left(chart, wide, size)
    _axis(drawn.category_axis, spaced(chart.x, (1 - left - right) * wide, size), size, 0.9 * wide)
    _axis(drawn.value_axis, chart.y, size, HIGH * place[3] / Pt(1))
    _cross(drawn, chart)
    for number, (series, made) in enumerate(zip(every, drawn.plots[0].series, strict=True)):
        _style(made, series, size, (right * wide, (1 - left - 0.02) * wide))
        _refer(made._element, number, series)
    _plot_area(drawn, right=right, left=left)
    drawn.part.chart_workbook.update_from_xlsx_blob(workbook(every))
    return frame


def _parts(series: Series) -> list[Series]:
    """A series as every office program draws it: LibreOffice turns error bars along x upright, so each is a line."""
    if series.along != "x" or not series.plus:
        return [series]
    ends = zip(series.x, series.y, series.minus, series.plus, strict=True)
    name = f"{series.name}, interval"
    lines = [Series(name, (x - minus, x + plus), (y, y), INTERVAL, series.colour) for x, y, minus, plus in ends]
    return [replace(series, minus=(), plus=()), *lines]


def shortened(chart: Chart) -> Chart:
    """A chart of rows with texts, cut to the first rows that a slide can hold; its key then says so."""
    rows = max((len(s.texts) for s in chart.series), default=0)
    if rows <= MOST_ROWS:
        return chart
    low = rows - MOST_ROWS + 0.5
    series = tuple(_from(s, low) for s in chart.series)
    key = f"The first {MOST_ROWS} of {rows}. {fit.THE_REST} {chart.key}"
    return replace(chart, y=replace(chart.y, low=low - 0.1), series=tuple(s for s in series if s.x), key=key)


def _from(series: Series, low: float) -> Series:
    """A series without the points that lie below."""
    at = [i for i, y in enumerate(series.y) if y >= low]

    def kept(values: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(values[i] for i in at) if values else ()

    x, y, minus, plus, texts = map(kept, (series.x, series.y, series.minus, series.plus, series.texts))
    return replace(series, x=x, y=y, minus=minus, plus=plus, texts=texts)


def workbook(every: Sequence[Series]) -> bytes:
    """A chart's numbers: for each series its name and x, y, minus and plus, in columns side by side."""
    import xlsxwriter

    held = io.BytesIO()
    book = xlsxwriter.Workbook(
        held, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    sheet = book.add_worksheet(SHEET)
    for number, series in enumerate(every):
        first = number * COLUMNS
        sheet.write_string(0, first + 1, text(series.name))
        for column, head in enumerate(("x", "y", "minus", "plus")):
            sheet.write_string(1, first + column, head)
        for column, values in enumerate((series.x, series.y, series.minus, series.plus)):
            for row, value in enumerate(values, 2):
                sheet.write_number(row, first + column, value)
        for row, cell_text in enumerate(series.texts, 2):
            sheet.write_string(row, first + 2, text(cell_text))
    book.close()
    return held.getvalue()


def _cells(number: int, column: int, n: int) -> str:
    """Where a series' column lies in the workbook: ``Data!$F$3:$F$23``."""
    from xlsxwriter.utility import xl_col_to_name

    letter = xl_col_to_name(number * COLUMNS + column)
    return f"{SHEET}!${letter}$3:${letter}${n + 2}"


def _refer(element: Any, number: int, series: Series) -> None:
    """Point the series at its cells in our workbook, and give it its error bars."""
    from xlsxwriter.utility import xl_col_to_name

    n = len(series.x)
    for tag, column in (("c:xVal", 0), ("c:yVal", 1)):
        for formula in element.find(qn(tag)).iter(qn("c:f")):
            formula.text = _cells(number, column, n)
    for formula in element.find(qn("c:tx")).iter(qn("c:f")):
        formula.text = f"{SHEET}!${xl_col_to_name(number * COLUMNS + 1)}$1"
    if series.plus:
        element.insert(list(element).index(element.find(qn("c:xVal"))), _error_bars(number, series))


def _error_bars(number: int, series: Series) -> Any:
    """Custom upright error bars whose lengths lie in the workbook (ECMA-376, 21.2.2.55)."""

    def side(name: str, column: int, values: tuple[float, ...]) -> str:
        points = "".join(f'<c:pt idx="{i}"><c:v>{v!r}</c:v></c:pt>' for i, v in enumerate(values))
        return (
            f"<c:{name}><c:numRef><c:f>{_cells(number, column, len(values))}</c:f><c:numCache><c:formatCode>General"
            f'</c:formatCode><c:ptCount val="{len(values)}"/>{points}</c:numCache></c:numRef></c:{name}>'
        )

    return parse_xml(
        '<c:errBars xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
        '<c:errDir val="y"/><c:errBarType val="both"/><c:errValType val="cust"/><c:noEndCap val="1"/>'
        f"{side('plus', 3, series.plus)}{side('minus', 2, series.minus)}"
        f'<c:spPr><a:ln w="{int(BAR_PT * 12700)}"><a:solidFill>'
        f'<a:srgbClr val="{series.colour.lstrip("#")}"/></a:solidFill></a:ln></c:spPr></c:errBars>'
    )


def named_apart(chart: Chart, close: float) -> list[Series]:
    """The series, each arm's name a point of its own beside the plot: on the line's end it would lie on the lines.

    Names whose lines end near each other, or on the axis, are moved apart until they are `close`, a share of the
    upright axis, from each other.
    """
    series = [s if s.label is None else replace(s, label=None) for s in chart.series]
    named = [s for s in chart.series if s.label is not None and s.x]
    columns: dict[float, list[Series]] = {}
    for one in named:
        columns.setdefault(_beside(one, chart.x), []).append(one)
    for x, mine in columns.items():
        mine.sort(key=lambda s: s.y[-1])
        for one, y in zip(mine, _apart([s.y[-1] for s in mine], chart.y, close), strict=True):
            series.append(Series(f"{one.label}, name", (x,), (y,), "texts", one.colour, label=one.label))
    return series


def _beside(series: Series, axis: Axis) -> float:
    """Where along the axis a name begins: right of the plot, unless it is of points that end far from there."""
    near = series.x[-1] >= axis.high - NEAR * (axis.high - axis.low)
    return axis.high if near or series.kind == "line" else series.x[-1]


def _apart(ends: Sequence[float], axis: Axis, close: float) -> list[float]:
    """Rising places near the `ends`, none nearer than `close` to another, to the foot or above the top."""

    def share(y: float) -> float:
        if axis.log:
            return math.log(y / axis.low) / math.log(axis.high / axis.low)
        return (y - axis.low) / (axis.high - axis.low)

    places = [share(y) for y in ends]
    for i, place in enumerate(places):  # up from the foot
        places[i] = max(place, close / 2 if i == 0 else places[i - 1] + close)
    crowded = [b - a <= close * 1.001 for a, b in pairwise(places)]
    if crowded and all(crowded):  # as far down as up
        down = min((sum(places) - sum(map(share, ends))) / len(places), places[0] - close / 2)
        places = [place - max(down, 0.0) for place in places]
    over = max(places[-1] - 1.0, 0.0)
    places = [place - over for place in places]
    return [
        axis.low * (axis.high / axis.low) ** p if axis.log else axis.low + p * (axis.high - axis.low) for p in places
    ]


def _style(made: Any, series: Series, size: float, rooms: tuple[float, float]) -> None:
    """Draw a series as it says; `rooms` are the widths for an arm's name beside its line and for a row's text."""
    made.smooth = False
    marker = made.marker
    line = made.format.line
    if series.kind in ("points", "texts"):
        line.fill.background()
    else:
        line.color.rgb = _rgb(series.colour)
        line.width = Pt({"edge": EDGE_PT, INTERVAL: LEVEL_PT}.get(series.kind, LINE_PT))
        line.dash_style = DASHES.get(series.dash, MSO_LINE.SOLID)
        if series.kind == "edge":
            colour = made._element.spPr.find(".//" + qn("a:srgbClr"))
            colour.append(colour.makeelement(qn("a:alpha"), {"val": "50000"}))
    if series.kind == "points":
        marker.style, marker.size = MARKERS[series.symbol], 7 if len(series.x) < MANY else 3
        marker.format.fill.solid()
        marker.format.fill.fore_color.rgb = _rgb(series.colour)
        marker.format.line.color.rgb = _rgb(series.colour)
    else:
        marker.style = XL_MARKER_STYLE.NONE
    if series.label is not None and series.x:
        label = fit.inside(series.label, size, rooms[0] - size)
        _label(made.points[len(series.x) - 1], label, series.colour, size)
    for i, value in enumerate(series.texts):
        _label(made.points[i], fit.inside(value, size, rooms[1] - size), series.colour, size)


def _label(point: Any, text: str, colour: str, size: float) -> None:
    frame = point.data_label.text_frame
    run = _one_line(frame, text)
    run.font.size, run.font.color.rgb = Pt(size), _rgb(colour)
    frame.word_wrap = False
    point.data_label.position = XL_LABEL_POSITION.RIGHT


def _one_line(frame: Any, text: str) -> Any:
    """A text in a frame as the one run of its one paragraph, of which there is none for an empty one."""
    frame.text = " ".join(printable(text).split()) or "\u00a0"
    return frame.paragraphs[0].runs[0]


def spaced(scale: Axis, room: float, size: float) -> Axis:
    """An axis of whole numbers whose ticks are so far apart that these stand level side by side in `room` points.

    Closer ones are written aslant: 0, 14, 28, …, 168 below one of two charts beside each other.
    """
    if scale.step is None or scale.form != "0" or scale.hidden:
        return scale
    widest = max(fit.width(f"{end:.0f}", size) for end in (scale.low, scale.high))
    step = scale.step
    while APART * widest > room * step / (scale.high - scale.low) and step < scale.high - scale.low:
        step *= 2
    return replace(scale, step=step)


def _axis(axis: Any, scale: Axis, size: float, room: float) -> None:
    """An axis as it says, its title no longer than `room` points."""
    axis.minimum_scale, axis.maximum_scale = scale.low, scale.high
    if scale.step is not None:
        axis.major_unit = scale.step
    axis.has_major_gridlines, axis.has_minor_gridlines = False, False
    axis.tick_labels.number_format, axis.tick_labels.number_format_is_linked = scale.form, False
    axis.tick_labels.font.size, axis.tick_labels.font.color.rgb = Pt(size), _rgb(theme.LIGHT.muted)
    axis.format.line.color.rgb = _rgb(theme.LIGHT.zero)
    axis.major_tick_mark = XL_TICK_MARK.OUTSIDE
    axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    if scale.title:
        axis.has_title = True
        frame = axis.axis_title.text_frame
        run = _one_line(frame, fit.inside(scale.title, size, room))
        run.font.size, run.font.bold, run.font.color.rgb = Pt(size), False, _rgb(theme.LIGHT.text)
    else:
        axis.has_title = False
    if scale.hidden:
        axis.visible = False
    if scale.log:
        scaling = axis._element.find(qn("c:scaling"))
        base = scaling.makeelement(qn("c:logBase"), {"val": "2"})
        scaling.insert(0, base)


def _cross(drawn: Any, chart: Chart) -> None:
    """Where the axes cross: at the line of no difference, which the hidden or the level axis then draws.

    In the file each axis says where *it* stands on the other one.
    """
    for along, axis, other in ((True, drawn.category_axis, chart.y), (False, drawn.value_axis, chart.x)):
        at = other.low
        if chart.zero is not None and along != chart.y.hidden and other.low <= chart.zero <= other.high:
            at = chart.zero
        element = axis._element
        for old in element.findall(qn("c:crosses")) + element.findall(qn("c:crossesAt")):
            new = element.makeelement(qn("c:crossesAt"), {"val": repr(float(at))})
            element.replace(old, new)
            break
    for scale, axis in ((chart.x, drawn.category_axis), (chart.y, drawn.value_axis)):
        if scale.hidden and chart.zero is not None:  # drawn as the line of no difference, without ticks and labels
            axis.visible = True
            axis.tick_label_position = XL_TICK_LABEL_POSITION.NONE
            axis.major_tick_mark = XL_TICK_MARK.NONE


def _left(chart: Chart, width: float, size: float) -> float:
    """The share of the width that the numbers and the title of the upright axis need."""
    return 0.03 if chart.y.hidden else min(5.5 * size / width, 0.3)


def _right(chart: Chart, width: float, size: float) -> float:
    """The share of the width that the arms' names beside their lines need."""
    names = [fit.width(" ".join(s.label.split()), size) for s in chart.series if s.label]
    return min((max(names) + 2 * size) / width, MOST_RIGHT) if names else RIGHT


def _plot_area(drawn: Any, *, right: float, left: float) -> None:
    """Give the inner plot area a fixed place, so that names have room at the right."""
    area = drawn._chartSpace.chart.plotArea
    for old in area.findall(qn("c:layout")):
        area.remove(old)
    area.insert(
        0,
        parse_xml(
            '<c:layout xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"><c:manualLayout>'
            '<c:layoutTarget val="inner"/><c:xMode val="edge"/><c:yMode val="edge"/>'
            f'<c:x val="{left}"/><c:y val="{LOW}"/><c:w val="{1 - left - right:.3f}"/><c:h val="{HIGH}"/>'
            "</c:manualLayout></c:layout>"
        ),
    )


def _rgb(colour: str) -> RGBColor:
    return RGBColor.from_string(colour.lstrip("#").upper())
