"""The `ketadash` command: the same specs and the same results as the pages."""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from signal import SIG_DFL, SIGINT, signal
from typing import TYPE_CHECKING

from ketadash import __version__
from ketadash.core import paths, threads
from ketadash.core.command_options import (
    add_spec_options,
    answer_option,
    negative_values_joined,
    quiet_option,
    recipe_option,
    spec_from,
)
from ketadash.core.errors import KetadashError
from ketadash.core.planned_test import ALPHA, REPLICATES, SHUFFLES, PlannedTest
from ketadash.core.spec import PValues

if TYPE_CHECKING:
    from ketadash.trial import Recipe, Trial

DATA_HELP = (
    "a participant-day file, or a folder with days.* and, optionally, participants.*, visits.*, adverse_events.*; "
    "without it, the synthetic sample trial"
)
INTERRUPTED = 130  # as shells have it: 128 and SIGINT


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; 0 if all went well, 2 for bad input or options (message on standard error), 130 if interrupted."""
    options = options_parser().parse_args(negative_values_joined(sys.argv[1:] if argv is None else argv))
    try:
        _name_example(options)
        return int(options.run(options))
    except KetadashError as error:
        print(f"ketadash: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return interrupted(options)
    except BrokenPipeError:  # `ketadash analyze --json - | head`
        sys.stderr.close()
        return 0


def interrupted(options: argparse.Namespace) -> int:
    """Ctrl-C is an answer, not a fault: the workers end with what they are at, and nothing is printed but that."""
    signal(SIGINT, SIG_DFL)  # pressed again, it ends at once: the workers see that and end too
    threading.excepthook = lambda _: None  # threads that waited for the workers would each print a traceback
    # Only where it is imported, and whole: an early interrupt comes in the midst of imports, which cannot be had again.
    end_workers = getattr(sys.modules.get("ketadash.analyse.batch"), "end_workers", None)
    if end_workers is not None:
        end_workers()
    print(f"\nketadash: {options.if_interrupted(options)}", file=sys.stderr)
    return INTERRUPTED


def options_parser() -> argparse.ArgumentParser:
    """Every command with its options; each choice that changes a number is one of them."""
    parser = argparse.ArgumentParser(prog="ketadash", description=__doc__)
    parser.add_argument("--version", action="version", version=f"ketadash {__version__}")
    parser.set_defaults(if_interrupted=lambda options: "interrupted")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    app = commands.add_parser("app", help="open the dashboard in a browser")
    app.add_argument("data", nargs="?", metavar="DATA", help=DATA_HELP)
    _example_option(app)
    app.add_argument("--port", type=int, help="port to listen on (default: 8501, or the next free one)")
    app.add_argument("--headless", action="store_true", help="do not open a browser")
    recipe_option(app)
    app.set_defaults(run=_app)

    analyze = commands.add_parser("analyze", help="analyse a trial and write the results as JSON")
    analyze.add_argument("data", nargs="?", metavar="DATA", help=DATA_HELP)
    _example_option(analyze)
    analyze.add_argument("--json", default="-", metavar="FILE", help="where to write; - is standard output (default)")
    analyze.add_argument(
        "--only",
        metavar="PART,…",
        help="only these parts: abstinence, heavy, time_to_event, nnt, "
        "sensitivity (named, with its tipping map and specification curves: minutes), …; only if named: randomisation, "
        "model_check, influence",
    )
    recipe_option(analyze)
    answer_option(analyze)
    quiet_option(analyze)
    add_spec_options(analyze)
    analyze.set_defaults(run=_analyze)

    reproduce = commands.add_parser("reproduce", help="every published number of a trial beside ours")
    reproduce.add_argument("data", nargs="?", metavar="DATA", help="a folder with published.toml; " + DATA_HELP)
    _example_option(reproduce)
    reproduce.set_defaults(run=_reproduce)

    _supplement_options(
        commands.add_parser("supplement", help="one HTML file with every toggle, which needs no server")
    )

    _plan_options(commands.add_parser("plan", help="how often a trial of so many people would find an effect"))

    validate = commands.add_parser("validate", help="check a trial's files and say what to correct")
    validate.add_argument("data", metavar="DATA", help=DATA_HELP)
    validate.add_argument("--json", metavar="FILE", help="write the checks as JSON (- is standard output)")
    recipe_option(validate)
    answer_option(validate)
    add_spec_options(validate)
    validate.set_defaults(run=_validate)
    return parser


def _example_option(parser: argparse.ArgumentParser) -> None:
    names = ", ".join(paths.examples())
    parser.add_argument("--example", metavar="NAME", help=f"a real trial that comes with the program: {names}")


def _name_example(options: argparse.Namespace) -> None:
    """Let an example stand where the path of data does.

    Raises
    ------
    KetadashError
        If there is no such example, or data are named too.
    """
    if getattr(options, "example", None) is None:
        return
    if options.data is not None:
        raise KetadashError("name DATA or an --example, not both")
    options.data = str(paths.example_folder(options.example))


def _supplement_options(supplement: argparse.ArgumentParser) -> None:
    supplement.add_argument("data", nargs="?", metavar="DATA", help=DATA_HELP)
    _example_option(supplement)
    supplement.add_argument("-o", "--output", required=True, metavar="FILE.html", help="where to write it")
    supplement.add_argument(
        "--alive",
        metavar="CHOICE,…",
        help="the choices that can be flipped in it (default: missing, trend, adjust, estimand, estimator, "
        "uncertainty, dropout)",
    )
    supplement.add_argument(
        "--questions", metavar="KEY,…", help="the questions that are in it (default: those of a report)"
    )
    supplement.add_argument(
        "--p-values",
        choices=[how.value for how in PValues],
        default=PValues.SHOWN.value,
        help="p-values outside the declared analysis, or the default one where none is declared: shown (default), "
        "marked with †, or hidden",
    )
    supplement.add_argument("--suppress", action="store_true", help="leave out counts of 1 to 4 people")
    quiet_option(supplement)
    recipe_option(supplement)
    answer_option(supplement)
    add_spec_options(supplement)
    supplement.set_defaults(run=_supplement, if_interrupted=_supplement_interrupted)


def _plan_options(plan: argparse.ArgumentParser) -> None:
    plan.add_argument("data", nargs="?", metavar="DATA", help="whose participants are drawn: " + DATA_HELP)
    _example_option(plan)
    plan.add_argument(
        "--endpoint", required=True, metavar="NAME", help="what is compared (docs/planning.md lists them)"
    )
    plan.add_argument("--n", required=True, metavar="FIRST:LAST:STEP", help="participants of both arms, or one number")
    plan.add_argument("--effect", required=True, metavar="L,…", help="0 is none, 1 as in DATA, 0.5 half of that")
    plan.add_argument(
        "--test",
        choices=[test.value for test in PlannedTest],
        help="whose p: the model's own errors, errors clustered by participant, or shuffles of each simulated trial "
        f"({SHUFFLES} unless --shuffles says) (default: what --uncertainty says)",
    )
    plan.add_argument(
        "--replicates",
        type=int,
        default=REPLICATES,
        metavar="R",
        help="simulated trials a point (default: %(default)s)",
    )
    plan.add_argument(
        "--alpha", type=float, default=ALPHA, metavar="A", help="level of the test (default: %(default)s)"
    )
    plan.add_argument("--json", metavar="FILE", help="write the curve as JSON (- is standard output)")
    quiet_option(plan)
    recipe_option(plan)
    answer_option(plan)
    add_spec_options(plan)
    plan.set_defaults(run=_plan)


def _app(options: argparse.Namespace) -> int:
    from ketadash.ui.server.launch import run_app

    _recipe(options)  # a mistake in the recipe is reported before the browser opens
    return run_app(options.data, options.port, open_browser=False if options.headless else None, recipe=options.recipe)


def _analyze(options: argparse.Namespace) -> int:
    if options.data is None or Path(options.data).is_file():
        spec_from(options)  # before the heavy imports, so that a contradiction is reported at once
    _prepare(options)
    from ketadash.analyse.ahead import begin
    from ketadash.analyse.progress import told_to
    from ketadash.export.analysis_json import analysis, beforehand, dumps, sections
    from ketadash.export.progress_line import announced, progress
    from ketadash.trial import resolve

    wanted, trial = sections(options.only), _read(options)
    spec, parts_named = spec_from(options, trial.declared.published), options.only is not None
    if parts_named and (text := beforehand(trial, spec, wanted)):
        announced(options.quiet)(text)
    if not parts_named:
        begin(trial, resolve(trial, spec)[0])
    with told_to(progress(options.quiet)):
        document = analysis(trial, spec, wanted, deep=parts_named)
    return _write(dumps(document), options.json)


def _reproduce(options: argparse.Namespace) -> int:
    """0 if every printed number comes out, 1 if one does not."""
    _prepare(options)
    from ketadash.export.reproduction import as_text, reproduced
    from ketadash.trial import load, load_sample

    trial = load(options.data) if options.data else load_sample()
    rows = reproduced(trial, trial.declared.published)
    print(as_text(rows))
    return 0 if all(r.agrees for r in rows) else 1


def _plan(options: argparse.Namespace) -> int:
    _prepare(options)
    from ketadash.analyse.progress import told_to
    from ketadash.export.analysis_json import dumps
    from ketadash.export.power import as_text, plan_of, planned, with_test
    from ketadash.export.progress_line import announced, progress

    plan = plan_of(options.endpoint, options.n, options.effect, options.test, options.replicates, options.alpha)
    trial = _read(options)
    given = {name.removeprefix("spec_") for name in vars(options) if name.startswith("spec_")}
    plan, spec = with_test(plan, spec_from(options, trial.declared.published), given)
    with told_to(progress(options.quiet)):
        document = planned(trial, spec, plan, announced(options.quiet))
    if options.json:
        return _write(dumps(document), options.json)
    print(as_text(document))
    return 0


def _supplement(options: argparse.Namespace) -> int:
    """0 and one line that says how many states, seconds and bytes; what an interrupted run has done is taken up."""
    _prepare(options)
    from ketadash.export.progress_line import announced, progress
    from ketadash.export.supplement.ask import Request, ask

    trial = _read(options)
    request = Request(
        spec_from(options, trial.declared.published),
        options.alive,
        options.questions,
        PValues(options.p_values),
        options.suppress,
        Path(options.data).name if options.data else None,
    )
    made = ask(trial, request, Path(options.output), progress(options.quiet), announced(options.quiet))
    states = f"{made.n_states:,} state{'s' * (made.n_states != 1)}"
    print(f"{options.output}: {states}, {made.seconds:.0f} s, {len(made.content):,} bytes")
    return 0


def _supplement_interrupted(options: argparse.Namespace) -> str:
    from ketadash.export.supplement.ask import if_interrupted

    return if_interrupted(Path(options.output))


def _validate(options: argparse.Namespace) -> int:
    _prepare(options)
    from ketadash.export import checks
    from ketadash.trial import validate

    recipe = _of_group(options, _recipe(options))
    findings = validate(options.data, lambda declared: spec_from(options, declared), recipe=recipe)
    if options.json:
        if _write(checks.as_json(findings), options.json):
            return 2
    else:
        print(checks.as_text(findings))
    return 2 if checks.failed(findings) else 0


def _prepare(options: argparse.Namespace) -> None:
    """Let the process that reads files do its imports while this one does its own; nothing read is written over."""
    threads.one_of_each()
    from ketadash.files.readers import prepare

    prepare()
    from ketadash.trial.spared import spare_what_is_read

    spare_what_is_read(options)


def _read(options: argparse.Namespace) -> Trial:
    """The data named on the command line, read as it says; the sample trial where none are."""
    from ketadash.trial import load, load_sample

    recipe = _of_group(options, _recipe(options))
    return load(options.data, recipe=recipe) if options.data else load_sample()


def _recipe(options: argparse.Namespace) -> Recipe | None:
    """The recipe named on the command line, with the answers given there.

    Raises
    ------
    KetadashError
        If there is no such file, or it is no recipe; if an answer is none; or if there are no data to read so.
    """
    answers = getattr(options, "answer", [])
    if options.recipe is None and not answers:
        return None
    from ketadash.trial.recipe import Recipe, from_file

    if options.data is None:
        raise KetadashError("a recipe says how to read data; name the data too")
    recipe = from_file(options.recipe) if options.recipe else Recipe()
    for text in answers:
        key, sign, value = text.partition("=")
        if not sign:
            raise KetadashError(f"--answer {text[:60]}: write it as KEY=VALUE, such as blank=none")
        recipe = recipe.with_answer(key.strip(), value.strip())
    return recipe


def _of_group(options: argparse.Namespace, recipe: Recipe | None) -> Recipe | None:
    """The recipe, with ``--amount`` as its choice among the groups of day columns of a grid, where the file is one.

    Raises
    ------
    KetadashError
        If the file has several such groups, and none that is called so.
    """
    amount = getattr(options, "spec_amount", None)
    if amount is None or options.data is None:
        return recipe
    from ketadash.core.findings import how_to_answer
    from ketadash.trial import attempt
    from ketadash.trial.recipe import Recipe

    recipe = recipe or Recipe()
    question = next(
        (c for c in attempt(options.data, recipe=recipe.without_answer("grid")).checks if c.key == "grid"), None
    )
    if question is None:
        return recipe if recipe != Recipe() else None
    if not set(amount.split("+")) <= {a.value for a in question.answers}:
        raise KetadashError(f"--amount {amount[:60]}: no group of day columns is called so\n{how_to_answer(question)}")
    del options.spec_amount  # the group of columns becomes one daily column, which has a name of its own
    return recipe.with_answer("grid", amount)


def _write(text: str, where: str) -> int:
    if where == "-":
        print(text)
        return 0
    try:
        Path(where).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        print(f"ketadash: cannot write {where}: {error.strerror}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
