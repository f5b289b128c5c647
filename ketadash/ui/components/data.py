"""Loading a trial in the browser: kept in this session's memory, told at once what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from ketadash.core import numbers, paths
from ketadash.core.errors import DataError
from ketadash.core.findings import Check, listed
from ketadash.core.paths import home
from ketadash.export import checks, sheets, templates
from ketadash.files.memory_queue import watched
from ketadash.questions.data import words as words_data
from ketadash.trial import Trial, outside
from ketadash.trial.recognise import amount_column
from ketadash.trial.roles import stem
from ketadash.ui import controls, data_link, data_questions, download, frame, lost_trial, reading_form, show, state
from ketadash.ui.download import File
from ketadash.ui.server.streamlit_seams import runs
from ketadash.ui.state import Current

TAKEN, NO_FILES, ROUND = "ketadash_taken", "ketadash_upload_refused", "ketadash_upload_round"
FIRST_ROWS, FIRST_COLUMNS = 6, 12
MOST_FINDINGS, MOST_ARMS = 50, 20  # said on the page
FEW = 4  # so many notes are shown open, more of them folded
ICONS = {
    "error": ":red[:material/error:]",
    "question": ":blue[:material/help:]",
    "warning": ":orange[:material/warning:]",
    "note": ":material/info:",
}


def own_trial(_: Current) -> None:
    """The whole page below its promise; where a trial was lost, nothing of the one that stands in for it."""
    trial, file = state.trial()
    if data_link.lost(trial):
        lost_trial.notice(trial, "data")
        upload()
    else:
        upload()
        data_questions.form()
        what_we_have(trial)
        read_as(trial, file)
        data_checks(trial)
        unlocks(trial)
    to_fill_in()


def upload() -> None:
    """The place to drop files, and what was wrong with the last ones.

    Refused files leave the list (a new round of the uploader), or the next, good file would be read together with
    them.
    """
    turn = st.session_state.get(ROUND, 0)
    uploaded = st.file_uploader(
        words_data.LABEL, type=None, accept_multiple_files=True, key=f"upload_{turn}", help=words_data.FORMATS
    )
    if uploaded:
        _take(uploaded)
    if not uploaded and (name := _other_example()):
        st.button(
            words_data.REAL_TRIAL,
            on_click=lambda: _take_example(name),
            icon=":material/database:",
            help=words_data.REAL_TRIAL_HELP,
        )
    if message := st.session_state.get(NO_FILES):
        st.error(show.plain(message), icon=":material/error:")
        _previous_trial_stays()
    elif state.refused() is not None:
        _refused()


def _take(uploaded: Sequence[Any]) -> None:
    """Read what was dropped, once; a file that cannot be read leaves the present trial in place."""
    identity = tuple((f.name, f.file_id) for f in uploaded)
    if st.session_state.get(TAKEN) == identity:
        return
    name = uploaded[0].name if len(uploaded) == 1 else listed([stem(f.name) for f in uploaded])
    files: Any = {f.name: f.getvalue() for f in uploaded} if len(uploaded) > 1 else uploaded[0].getvalue()
    st.session_state.pop(NO_FILES, None)
    state.put_away()
    try:
        with st.spinner("Reading the files…"), watched(_queue_message()):
            read = data_link.take(state.brought(files, name), name)
    except DataError as error:  # without a table there is nothing that a recipe could change
        st.session_state[NO_FILES] = f"{name} was not loaded: {str(error).removeprefix(f'{name}: ')}."
        _next_round()
    else:
        _settle(read.trial or read.provisional, identity)
    st.rerun()  # the sidebar, already drawn, is the old trial's; a refused file is still in the list


def _other_example() -> str | None:
    """A real trial that comes with the program and is not the one shown."""
    return next((name for name in paths.examples() if state.trial()[1] != name), None)


def _take_example(name: str) -> None:
    """Open a real trial that comes with the program, as if its files had been brought."""
    st.session_state.pop(NO_FILES, None)
    state.put_away()
    reading = data_link.take(state.brought(paths.example_folder(name), name), name)
    _settle(reading.trial, name)


def _queue_message() -> Callable[[int], None]:
    """A watcher of readings that says on the page how many files are read before; it ends them if the reader leaves."""
    place = st.empty()

    def show_place(ahead: int) -> None:
        # Written each time, changed or not: where the session has ended or asks for something else, Streamlit says so
        # here, and the reading ends.
        place.markdown(words_data.waiting(ahead) if ahead else "")

    return show_place


def _settle(trial: Trial | None, identity: Any) -> None:
    if trial is None:
        _next_round()
        return
    st.session_state[TAKEN] = identity
    st.session_state[controls.FRESH] = trial.declared.analysis_name is not None


def _next_round() -> None:
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1


def _previous_trial_stays() -> None:
    if not data_link.lost(state.trial()[0]):  # then no trial was shown before
        st.markdown("The trial shown before is still here.")


def _refused() -> None:
    """Why files could not be read, everything at once, and the way to read them otherwise."""
    refused_files = state.refused()
    assert refused_files is not None
    first = refused_files.checks[0].message.removeprefix(f"{refused_files.file}: ")
    st.error(show.plain(f"{refused_files.file} was not loaded: {first}."), icon=":material/error:")
    _previous_trial_stays()
    data_link.question()
    if len(refused_files.checks) > 1:
        report(refused_files.checks, "refused")
    reading_form.form(
        refused_files.given, refused_files.recipe_given, refused_files.recipe_given, refused_files.file, open_=True
    )
    st.button(data_questions.PUT_AWAY, on_click=state.put_away, icon=":material/close:")


def what_we_have(trial: Trial) -> None:
    """What was read, how, with what doubts; its fingerprint; and the way to change or to forget it."""
    st.header("What we have")
    if data_questions.still_open():
        st.markdown(words_data.PROVISIONAL)
    people = trial.participants
    sizes = people["arm"].value_counts()
    arms = [f"{int(sizes[arm]):,} {show.plain(arm)}" for arm in trial.arms[:MOST_ARMS]]
    more = f" and {len(sizes) - MOST_ARMS:,} more arms" if len(sizes) > MOST_ARMS else ""
    st.markdown(
        f"{show.plain(trial.title)}: {len(people):,} participants, "
        + ", ".join(arms)
        + more
        + f"; {len(trial.days):,} rows, days {numbers.number(trial.days['day'].min(), 0)} to "
        f"{numbers.number(trial.days['day'].max(), 0)}."
    )
    st.markdown(f"Fingerprint (SHA-256): `{trial.sha256}`")
    if state.own() is not None or state.can_be_put_away():
        with st.container(horizontal=True):
            if state.maybe_current() is not None and st.button(
                words_data.SEE_RESULTS, type="primary", icon=":material/arrow_forward:"
            ):
                frame.turn_to("overview")
            st.button("Forget this trial", on_click=_forget, icon=":material/delete:")


def read_as(trial: Trial, file: str | None) -> None:
    """We read this as …: change it here."""
    st.header("We read it as")
    st.markdown(
        "\n".join(
            f"- {'**Please check:** ' if s.doubt else ''}{show.plain(s.text)}."
            for s in trial.lines[: 2 * MOST_FINDINGS]
        )
    )
    _preview(trial)
    data_questions.answered(trial)
    if state.refused() is None:
        data_link.question()
    try:
        given = state.given()
    except DataError as error:
        st.markdown(show.plain(f"The files cannot be read again: {error}."))
        return
    if state.refused() is None:
        if lacking := trial.recipe.outcome is None and trial.declared.amount is None:
            st.markdown(words_data.NO_DAILY)
        reading_form.form(given, state.recipe(), trial.recipe, file or given.name, open_=lacking)
    download.buttons(
        "recipe",
        [
            File(
                "This reading as recipe.toml",
                "recipe.toml",
                "application/toml",
                download.at_once(lambda: trial.recipe.to_toml().encode()),
                help="Put it beside the data, or give it to ketadash analyze --recipe recipe.toml: the same files are "
                "then read the same way. It holds names of columns, sheets and arms.",
            )
        ],
    )


def _preview(trial: Trial) -> None:
    now = state.maybe_current()
    amount = now.spec.amount if now is not None else trial.declared.amount or amount_column(trial.days.columns)
    first = [c for c in ("participant_id", "arm", "day", amount) if c in trial.days]
    columns = [*first, *(c for c in trial.days.columns if c not in first)][:FIRST_COLUMNS]
    days = trial.days[columns].iloc[:FIRST_ROWS]
    more = len(trial.days.columns) - days.shape[1]
    shown = days.astype(object).where(days.notna(), "").map(lambda x: f"{x:g}" if isinstance(x, float) else x)
    caption = f"The first {len(days)} of {len(trial.days):,} participant-days, as read"
    show.table(shown.reset_index(drop=True), caption + (f" ({more} further columns)" if more else ""))


def data_checks(trial: Trial) -> None:
    """The report of checks of the current trial."""
    st.header("Checks")
    now = state.maybe_current()
    of_choices = [q for q in data_questions.still_open() if q not in trial.checks]  # asked by choices, not by the file
    beyond = outside(trial, now.spec) if now is not None and now.trial is trial else ()
    report((*trial.checks, *of_choices, *beyond), "checks")


def report(findings: Sequence[Check], key: str) -> None:
    """All findings at once, worst first, and the same to take away."""
    st.markdown(f"Found: {checks.summary(findings)}.")
    notes = [c for c in findings if c.severity == "note"]
    _findings(checks.worst_first([c for c in findings if c.severity != "note"]))
    if len(notes) > FEW:
        with st.expander(f"{len(notes)} notes: what was renamed or left out"):
            _findings(notes)
    else:
        _findings(notes)
    download.buttons(
        key,
        [
            File(
                "Report (CSV)",
                "ketadash-checks.csv",
                "text/csv",
                download.at_once(lambda: sheets.csv(checks.as_frame(findings))),
            ),
            File(
                "Report (JSON)",
                "ketadash-checks.json",
                "application/json",
                download.at_once(lambda: checks.as_json(findings).encode()),
            ),
        ],
    )


def _findings(findings: Sequence[Check]) -> None:
    for check in findings[:MOST_FINDINGS]:
        _finding(check)
    if len(findings) > MOST_FINDINGS:
        st.markdown(f"And {len(findings) - MOST_FINDINGS:,} more, all of them in the report below.")


def _finding(check: Check) -> None:
    where = f" First: {'; '.join(check.where)}." if check.where else ""
    concerned = f" ({check.count:,})" if check.count > 1 else ""
    end = "" if check.message.endswith(("?", ".")) else "."
    st.markdown(
        f"{ICONS[check.severity]} **{check.severity}{concerned}.** {show.plain(check.message)}{end}{show.plain(where)}"
    )


def unlocks(trial: Trial) -> None:
    """What each optional file and column would bring, and whether the trial has it."""
    st.header("What would a further file unlock?")
    held = [(u, reading_form.has(trial, u)) for u in words_data.UNLOCKS]
    for in_trial, title in ((False, "Not in this trial"), (True, "In this trial")):
        lines = [f"- {words_data.what(u)}: {u.gives}" for u, has in held if has is in_trial]
        if lines:
            st.markdown("\n".join([f"**{title}**", "", *lines]))


def to_fill_in() -> None:
    """Templates."""
    st.header("Templates to fill in")
    st.markdown("One workbook with a sheet for each file, drop-downs and a dictionary; or one file of days.")
    download.buttons(
        "template",
        [
            File("Workbook (Excel)", "ketadash-template.xlsx", sheets.EXCEL, download.at_once(templates.workbook)),
            File("Days (CSV)", "days.csv", "text/csv", download.at_once(lambda: templates.text().encode())),
        ],
    )
    with st.expander("Every format, shape and name that is understood"):
        st.markdown(_manual())


@st.cache_data(show_spinner=False)
def _manual() -> str:
    """docs/data-format.md, without its title and a heading level down."""
    page = home() / "docs" / "data-format.md"
    if not page.exists():
        return "docs/data-format.md is missing from this installation; install ketadash again."
    lines = page.read_text(encoding="utf-8").splitlines()[1:]
    return "\n".join(f"##{line}" if line.startswith("#") else line for line in lines)


def _forget() -> None:
    state.forget()
    runs.forget_uploads()
    for key in (TAKEN, NO_FILES):
        st.session_state.pop(key, None)
    _next_round()
