"""The `ketadash` command: the same specs and the same results as the pages."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ketadash import __version__
from ketadash.core.errors import KetadashError
from ketadash.core.spec import AnalysisSpec, DropoutRule, Estimand, Estimator, MissingRule, Trend, Window

if TYPE_CHECKING:
    from ketadash.trial import Recipe

DATA_HELP = (
    "a participant-day file, or a folder with days.* and, optionally, participants.*, visits.*, adverse_events.*; "
    "without it, the synthetic sample trial"
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; 0 if all went well, 2 for bad input or options (message on standard error)."""
    options = _parser().parse_args(negative_values_joined(sys.argv[1:] if argv is None else argv))
    try:
        return int(options.run(options))
    except KetadashError as error:
        print(f"ketadash: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # `ketadash analyze --json - | head`
        sys.stderr.close()
        return 0


def negative_values_joined(argv: Sequence[str]) -> list[str]:
    """``--days -4:7`` as ``--days=-4:7``: argparse takes whatever begins with a hyphen for another option."""
    joined: list[str] = []
    for text in argv:
        follows_option = bool(joined) and joined[-1].startswith("--") and len(joined[-1]) > 2 and "=" not in joined[-1]
        if follows_option and text[:1] == "-" and text[1:2].isdigit():
            joined[-1] += f"={text}"
        else:
            joined.append(text)
    return joined


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ketadash", description=__doc__)
    parser.add_argument("--version", action="version", version=f"ketadash {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    app = commands.add_parser("app", help="open the dashboard in a browser")
    app.add_argument("data", nargs="?", metavar="DATA", help=DATA_HELP)
    app.add_argument("--port", type=int, help="port to listen on (default: 8501, or the next free one)")
    app.add_argument("--headless", action="store_true", help="do not open a browser")
    _recipe_option(app)
    app.set_defaults(run=_app)

    analyze = commands.add_parser("analyze", help="analyse a trial and write the results as JSON")
    analyze.add_argument("data", nargs="?", metavar="DATA", help=DATA_HELP)
    analyze.add_argument("--json", default="-", metavar="FILE", help="where to write; - is standard output (default)")
    analyze.add_argument(
        "--only",
        metavar="PART,…",
        help="only these parts: abstinence, heavy, time_to_event, nnt, "
        "sensitivity (named, with its tipping map and specification curves: minutes), …",
    )
    _recipe_option(analyze)
    _answer_option(analyze)
    add_spec_options(analyze)
    analyze.set_defaults(run=_analyze)

    reproduce = commands.add_parser("reproduce", help="every published number of a trial beside ours")
    reproduce.add_argument("data", nargs="?", metavar="DATA", help="a folder with published.toml; " + DATA_HELP)
    reproduce.set_defaults(run=_reproduce)

    validate = commands.add_parser("validate", help="check a trial's files and say what to mend")
    validate.add_argument("data", metavar="DATA", help=DATA_HELP)
    validate.add_argument("--json", metavar="FILE", help="write the checks as JSON (- is standard output)")
    _recipe_option(validate)
    _answer_option(validate)
    add_spec_options(validate)
    validate.set_defaults(run=_validate)
    return parser


def _recipe_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--recipe",
        metavar="FILE",
        help="how to read the data, as downloaded from the Data page (docs/data-format.md); "
        "without it, a recipe.toml among the data, else what is recognised",
    )


def _answer_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--answer",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="the answer to a question about the data, as the question names it; may be given several times",
    )


def add_spec_options(parser: argparse.ArgumentParser) -> None:
    """One option for each field of `AnalysisSpec`; its defaults are the option's."""
    default = AnalysisSpec()

    def option(name: str, help_text: str, **more: Any) -> None:
        value = getattr(default, name)
        shown = "" if value is None else f" (default: {value})"
        flag = "--" + name.replace("_", "-")
        parser.add_argument(flag, dest=f"spec_{name}", default=argparse.SUPPRESS, help=help_text + shown, **more)

    def choice(name: str, kind: Any, help_text: str) -> None:
        option(name, help_text, type=str, choices=[member.value for member in kind])

    def switch(name: str, help_text: str) -> None:
        option(name, help_text, action=argparse.BooleanOptionalAction)

    option("control", "which arm is the control", metavar="ARM")
    option("active", "which arm is the active one", metavar="ARM")
    option("days", "analysis window, such as 1:21", metavar="FIRST:LAST", type=str)
    option("amount", "the column of amounts", metavar="COLUMN")
    option("baseline", "the baseline covariate", metavar="COLUMN")
    choice("missing", MissingRule, "what a missing day counts as")
    for arm in ("control", "active"):
        option(
            f"imor_{arm}",
            f"odds of abstinence of the {arm} arm's missing days against reported ones, 0 to inf, with --missing imor",
            type=float,
            metavar="X",
        )
    option("imputations", "how many imputations", type=int, metavar="M")
    option("seed", "random seed of the imputations", type=int, metavar="S")
    switch("etg", "a positive EtG test turns days reported abstinent into drinking days")
    option("heavy_men", "a heavy day for men is more than this many drinks", type=float, metavar="DRINKS")
    option("heavy_women", "a heavy day for women is more than this many drinks", type=float, metavar="DRINKS")
    choice("trend", Trend, "which fitted time trend the curves, odds ratios and NNT come from")
    switch("adjust", "baseline covariate in the models")
    choice("estimator", Estimator, "which fit of the abstinence model the curves come from")
    option("quadrature_points", "quadrature points to start from (odd)", type=int, metavar="N")
    switch("penalised", "penalised likelihood, for outcomes that separate the arms")
    choice("estimand", Estimand, "population-averaged or typical participant")
    choice("dropout", DropoutRule, "what leaving the study is in time to relapse")
    option("tau", "horizon of the restricted mean survival time", type=int, metavar="DAY")
    option("confidence", "confidence level of the intervals", type=float, metavar="LEVEL")


def spec_from(options: argparse.Namespace, declared: AnalysisSpec | None = None) -> AnalysisSpec:
    """The analysis that the trial declares (default: the published one) with what the options say.

    Raises
    ------
    SpecError
        If they contradict each other.
    """
    given = {k.removeprefix("spec_"): v for k, v in vars(options).items() if k.startswith("spec_")}
    kinds: dict[str, Any] = {
        "missing": MissingRule,
        "trend": Trend,
        "estimator": Estimator,
        "estimand": Estimand,
        "dropout": DropoutRule,
        "days": Window.parse,
    }
    chosen = {name: kinds[name](value) if name in kinds else value for name, value in given.items()}
    return (declared or AnalysisSpec()).replace(**chosen)


def _app(options: argparse.Namespace) -> int:
    from ketadash.ui.server.launch import run_app

    _recipe(options)  # a slip in it is told before anything opens
    return run_app(options.data, options.port, open_browser=False if options.headless else None, recipe=options.recipe)


def _analyze(options: argparse.Namespace) -> int:
    if options.data is None or Path(options.data).is_file():
        spec_from(options)  # before the heavy imports: a contradiction is told at once
    _prepare()
    from ketadash.export.analysis_json import analysis, dumps, sections
    from ketadash.trial import load, load_sample

    wanted, recipe = sections(options.only), _of_group(options, _recipe(options))
    trial = load(options.data, recipe=recipe) if options.data else load_sample()
    spec, parts_named = spec_from(options, trial.declared.published), options.only is not None
    return _write(dumps(analysis(trial, spec, wanted, deep=parts_named)), options.json)


def _reproduce(options: argparse.Namespace) -> int:
    """0 if every printed number comes out, 1 if one does not."""
    _prepare()
    from ketadash.export.reproduction import as_text, reproduced
    from ketadash.trial import load, load_sample

    trial = load(options.data) if options.data else load_sample()
    rows = reproduced(trial, trial.declared.published)
    print(as_text(rows))
    return 0 if all(r.agrees for r in rows) else 1


def _validate(options: argparse.Namespace) -> int:
    _prepare()
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


def _prepare() -> None:
    """Let the process that reads files do its imports while this one does its own."""
    from ketadash.files.readers import prepare

    prepare()


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
    del options.spec_amount  # the group becomes the daily column, under a name of its own
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


if __name__ == "__main__":
    sys.exit(main())
