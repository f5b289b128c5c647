"""The report page's parts: what goes in, for whom, in which files; how far it is; the files."""

from __future__ import annotations

from weakref import ref

import streamlit as st

from ketadash import analyse
from ketadash.export import catalogue
from ketadash.export.bundle import FORMATS, copied
from ketadash.export.provenance import file_name
from ketadash.export.sections import methods_of
from ketadash.ui import download, page_exports, show, state, toggles_file
from ketadash.ui.download import File
from ketadash.ui.report_job import Making, Order
from ketadash.ui.state import REPORT as MAKING
from ketadash.ui.state import Current

ORDER = "ketadash_report_order"  # what a press of the button makes
WATCHED = "ketadash_report_watched"  # the one that was under way when the page was drawn
EVERY_S = 0.5
AUDIENCE = {"everything": False, "in brief": True}
LONG_HELP = (
    "The tipping map (with Missing days) and the specification curves (with Every specification): hundreds of fits. "
    "Without it, whatever their pages have computed so far goes in."
)


def whole(now: Current) -> None:
    """What goes in, the button that makes it, and the text of the methods paragraph."""
    order = choices(now)
    make(order)
    toggles_file.of_report(now, st.session_state.get("report_sections") or ())
    paragraph(now, order)


def choices(now: Current) -> Order | None:
    """Sections, formats and audience; None where nothing is chosen."""
    terms = analyse.terms(now.trial, now.spec)
    titles = {c.page: terms.worded(c.title) for c in catalogue.CHAPTERS}
    pages = st.pills(
        "Sections",
        list(titles),
        selection_mode="multi",
        default=list(catalogue.USUAL),
        format_func=titles.__getitem__,
        key="report_sections",
    )
    labels = {f.name: f.label for f in FORMATS}
    formats = st.pills(
        "Files",
        list(labels),
        selection_mode="multi",
        default=["html", "slides"],
        format_func=labels.__getitem__,
        key="report_formats",
    )
    left, right = st.columns(2)
    with left:
        audience = st.segmented_control(
            "How much",
            list(AUDIENCE),
            default="everything",
            required=True,
            key="report_audience",
            help="*everything*: legends, tables for specialists, the methods paragraph with references. *in brief*: "
            "question, answer, picture, what it rests on and the main table, for a meeting.",
        )
    with right:
        long = st.toggle("With the long computations", key="report_long", help=LONG_HELP)
    if not pages or not formats:
        st.info("Choose at least one section and one file.", icon=":material/info:")
        return None
    origin = page_exports.origin(now, page_exports.link(""))
    return Order(
        tuple(pages), tuple(formats), AUDIENCE[str(audience)], long, page_exports.material(now), now.chosen, origin
    )


def make(order: Order | None) -> None:
    """The button, how far it is, a way to stop it, and the files."""
    made: Making | None = st.session_state.get(MAKING)
    if order is not None and (made is None or not made.running):
        label = "Make it again" if made is not None and made.files else "Make the report"
        # What was chosen, and nothing of the trial: Streamlit keeps a button's arguments, whatever is forgotten.
        st.session_state[ORDER] = (order.pages, order.formats, order.brief, order.long)
        st.button(label, on_click=_start, icon=":material/play_arrow:", type="primary", key="report_make")
    if made is not None:
        _watch(made)


def _start() -> None:
    under_way: Making | None = st.session_state.get(MAKING)
    if under_way is not None and under_way.running:  # two quick presses are one
        return
    wanted, now = st.session_state.pop(ORDER, None), state.maybe_current()
    if wanted is not None and now is not None:
        pages, formats, brief, long = wanted
        origin, material = page_exports.origin(now, page_exports.link("")), page_exports.material(now)
        job = Making(Order(pages, formats, brief, long, material, now.chosen, origin))
        st.session_state[MAKING] = job
        download.ends_with_session(job.progress)
        job.start()


def _stop() -> None:
    made: Making | None = st.session_state.get(MAKING)
    if made is not None:
        made.stop()


def _watch(made: Making) -> None:
    @st.fragment(run_every=EVERY_S if made.running else None)
    def part() -> None:
        share, running = made.look(), made.running
        if running:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.progress(share, f"{made.now} ({made.n_done} of {made.n_steps} steps done)")
                st.button("Stop", on_click=_stop, key="report_stop", icon=":material/stop:")
            return
        if st.session_state.pop(WATCHED, lambda: None)() is made:
            st.rerun()  # the work is done: the button comes back, and nothing needs watching
        _files(made)

    if made.running:
        st.session_state[WATCHED] = ref(made)
    part()


def _files(made: Making) -> None:
    if made.trouble is not None:
        st.warning(show.plain(show.sentence(made.trouble)), icon=":material/warning:")
    if not made.files:
        return
    origin = made.order.origin
    parts = (f"{len(made.sections)} sections", origin.status, origin.when, origin.mark or "")
    st.markdown(f":material/check_circle: {show.plain(' · '.join(part for part in parts if part))}")
    download.buttons(
        "report",
        [
            File(
                f"{one.short} ({_size(made.files[one.name])})",
                file_name("report", one.ending, origin),
                one.mime,
                download.ready(made.files[one.name]),
            )
            for one in FORMATS
            if one.name in made.files
        ],
    )


def _size(content: bytes) -> str:
    return f"{len(content) / 1e6:.1f} MB" if len(content) >= 1e5 else f"{max(len(content) // 1000, 1)} kB"


def paragraph(now: Current, order: Order | None) -> None:
    """The methods paragraph of this state, and any table made, as text to copy."""
    if st.toggle("Show the methods paragraph of this state", key="report_methods"):
        sections = tuple(
            s
            for c in catalogue.CHAPTERS
            if order is not None and c.page in order.pages
            for s in catalogue.sections_of(c.page, page_exports.material(now))
        )
        methods = methods_of(page_exports.material(now), sections, page_exports.origin(now, None))
        references = "\n".join(f"{i}. {r}" for i, r in enumerate(methods.references, 1))
        st.code(f"{methods.text}\n\nReferences\n{references}", language=None, wrap_lines=True)
    made: Making | None = st.session_state.get(MAKING)
    tables = {f"{s.question} {t.caption}": t for s in (made.sections if made else ()) for t in s.tables}
    if tables:
        name = st.selectbox(
            "A table as text to copy",
            list(tables),
            index=None,
            key="report_table",
            placeholder="Choose a table of the report made",
        )
        if name is not None:
            st.code(copied(tables[name].shown), language=None)
