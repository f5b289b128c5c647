"""Every control does something, on the pages it should and on no other; a link says it; one button takes it back."""

import pytest
from every_choice import VALUES
from known_trials import sample_trial
from opened import BACK, chosen, opened, seen, status, tables, turned, words
from sweeps import others_slow

from ketadash.analyse import abstinence_result
from ketadash.core.choices import missing_choice
from ketadash.core.choices.every_choice import IN_SIGHT
from ketadash.core.spec import CHOICES, AnalysisSpec
from ketadash.questions.registry import question
from ketadash.questions.shared.rule_matters import NONE_MISSING, NOTHING_HERE
from ketadash.trial import resolve
from ketadash.ui import choose_arms, controls, privacy
from ketadash.ui.frame import IMPUTE_TOO

# Drawn only where the missing-day rule asks for them; tests of their own below.
OF_THE_RULE = {"rule", "imor-control", "imor-active"}
OF_THE_DATA = {
    "control": "ketamine",
    "active": "midazolam",
    "amount": "drinks",
    "tests": "etg_positive",
}  # in a test of their own


def _word(name, value):
    """What the control says for a value; where a list does not offer it, the first that it offers."""
    choice = CHOICES[name]
    word = choice.control.word(value)
    return word if not choice.offered or word in choice.offered else choice.offered[0]


# A value other than the default for each control.
OTHER = {CHOICES[name].key: _word(name, value) for name, value in VALUES.items()} | {"pvalues": "hidden"}
OTHER = {key: value for key, value in OTHER.items() if key not in {*OF_THE_RULE, *OF_THE_DATA}}
RESULTS = ("overview", "abstinence", "heavy_drinking", "relapse", "nnt", "missing_days", "dropout")
FIRST = controls.words_of(AnalysisSpec())
ALL = {"words", "figures", "tables"}
MODEL = {
    k: ALL
    for k in (
        "missing",
        "trend",
        "baseline",
        "curve",
        "fit",
        "errors",
        "penalised",
        "etg",
        "days",
        "level",
        "points",
        "covariate",
        "strata",
        "adjust-for",
        "population",
        "tested",
    )
}


# What each control changes on each page; a control not named changes nothing there.  EtG tests of the sample turn
# abstinent days into drinking days of unknown amount, which count as not heavy: neither heavy days nor relapse move.
CHANGES = {
    # how the result stands under each assumption: rounded, its imputed ones may move with the seed
    "abstinence": MODEL | {"seed": {"words"}},
    "nnt": MODEL,
    "heavy_drinking": {
        k: ALL
        for k in (
            *("missing", "baseline", "curve", "errors", "men", "women", "scale", "days", "level"),
            *("strata", "adjust-for", "population"),
        )
    }
    | {"tested": {"words"}},  # what was done with positive tests is said wherever they may count
    "relapse": {
        k: ALL for k in ("dropout", "men", "women", "days", "level", "population", "relapse-as", "relapse-from")
    }
    | {k: {"words", "tables"} for k in ("horizon", "strata", "adjust-for")}
    | {"tested": {"words"}},
    "dropout": {k: ALL for k in ("men", "women", "days", "level", "strata", "population", "relapse-as", "relapse-from")}
    | {"horizon": {"tables"}, "tested": {"words"}},
    # the assumptions side by side are imputed whatever the rule at hand is
    "missing_days": MODEL
    | {"imputations": {"figures", "tables"}, "seed": ALL}  # the sentence of the range: rounded, it moves with one
    | {k: {"figures", "words"} for k in ("men", "women")},
}


# How p-values look changes no number, and a subgroup is looked at beside the analysis.
NO_DEPARTURE = {"pvalues", "subgroup", "cut", "subgroup-endpoint"}


def plain_status(at):
    return status(at).replace("\\", "")


def test_no_control_is_forgotten_here():
    assert {*OTHER, *OF_THE_DATA, *OF_THE_RULE} == set(FIRST)


def test_choices_in_sight_move_their_page():
    for page, moved in CHANGES.items():
        asked, keys = question(page), {name: choice.key for name, choice in CHOICES.items()}
        # where dropout is imputed, the missing-day rule says how
        moving = {*moved, "missing"} if "dropout" in moved else set(moved)
        assert {keys[name] for name in asked.beside} <= moving, page
        assert {name for name in IN_SIGHT if keys[name] not in moved} == set(asked.unmoved), page


def test_what_moves_nothing_here_is_under_more_choices():
    at = opened("heavy_drinking")
    (more,) = [box for box in at.sidebar.expander if box.label == "More choices"]
    assert [group.key for group in more.button_group if group.key == "trend"] == ["trend"]
    assert all(group.key != "trend" for group in opened("nnt").sidebar.expander[0].button_group)


def test_no_day_of_a_difference_is_offered_where_no_model_gives_one():
    people = [(f"P{k}", ("placebo", "active")[k % 2]) for k in range(8)]
    nobody_drank = "participant_id,arm,day,drinks\n" + "".join(
        f"{who},{arm},{day},0\n" for who, arm in people for day in range(1, 6)
    )
    assert "contrast" in [box.key for box in opened("abstinence").selectbox]
    assert "contrast" not in [box.key for box in opened("abstinence", nobody_drank).selectbox]


@pytest.mark.slow
@pytest.mark.parametrize("page", others_slow(CHANGES, "abstinence", "relapse"))
def test_each_control_changes_words_picture_and_table_where_it_matters_and_nothing_elsewhere(page, rules_run):
    at = opened(page)
    first = seen(at)
    for key, value in OTHER.items():
        now = seen(chosen(at, **{key: value}))
        changed = {part for part in first if now[part] != first[part]}
        assert changed == CHANGES[page].get(key, set()), key
        assert key in NO_DEPARTURE or "Exploratory" in status(at), key
        chosen(at, **{key: FIRST[key]})
    assert seen(at) == first
    assert "Published analysis" in status(at)


def line_of_the_rule(at):
    """What stands below the buttons of the missing-day rule, on the page or at the left."""
    starts = tuple(f":small[{start}" for start in ("A missing day counts", "This matters", "Whatever", "No day"))
    return [m.value for part in (at.main, at.sidebar) for m in part.markdown if m.value.startswith(starts)]


def test_the_missing_day_rule_says_where_it_changes_nothing():
    assert line_of_the_rule(opened("relapse")) == [
        ":small[This matters here only if dropout is imputed or relapse is counted in weeks.]"
    ]
    assert not line_of_the_rule(opened("relapse", missing="reported", dropout="imputed"))
    assert line_of_the_rule(opened("abstinence")) == [":small[A missing day counts as drinking.]"]
    for page in ("dropout", "paper", "specifications"):
        assert line_of_the_rule(opened(page)) == [f":small[{NOTHING_HERE}]"], page


def test_without_a_baseline_no_button_says_adjusted():
    rows = [f"P{i},{('placebo', 'drug')[i % 2]},{d},{(i * 7 + d * 3) % 4}" for i in range(12) for d in range(1, 8)]
    for page in ("abstinence", "heavy_drinking"):
        at = opened(page, "\n".join(["participant_id,arm,day,drinks", *rows]), baseline="adjusted")
        row = at.segmented_control(key="baseline_off")
        assert row.disabled and row.value == "unadjusted"
        assert "No baseline adjustment: no baseline column recognised" in words(at)
        row = opened(page).segmented_control(key="baseline")
        assert not row.disabled and row.value == "adjusted"
    assert "No baseline adjustment" not in words(opened("abstinence"))


@pytest.mark.parametrize(
    ("baseline", "link", "reason"),
    [
        ("5", {}, "'baseline_drinks' is the same for everybody"),
        ("", {}, "'baseline_drinks' is empty"),
        ("{i}", {"control": "a", "active": "b"}, ""),
        ("{half}", {"control": "a", "active": "c"}, "'baseline_drinks' is the same for everybody"),
    ],
)
def test_a_baseline_that_cannot_be_used_lights_no_button_and_says_why(baseline, link, reason):
    rows = [
        f"P{i},{'abc'[i % 3]},{d},{(i * 7 + d * 3) % 4},{baseline.format(i=i, half=4 if i % 3 != 1 else i)}"
        for i in range(12)
        for d in range(1, 8)
    ]
    data = "\n".join(["participant_id,arm,day,drinks,baseline_drinks", *rows])
    for page in ("abstinence", "heavy_drinking"):
        at = opened(page, data, **({"control": "a", "active": "b"} | link))
        row = at.segmented_control(key="baseline_off" if reason else "baseline")
        assert row.disabled == bool(reason) and row.value == ("unadjusted" if reason else "adjusted")
        assert reason in row.help
        assert not reason or f"No baseline adjustment: {reason}" in words(at)


def test_where_no_day_is_missing_the_rule_says_so():
    days = "".join(f"P{i},{'ab'[i % 2]},{d},{(i * d) % 3}\n" for i in range(8) for d in range(1, 8))
    at = opened("abstinence", f"participant_id,arm,day,drinks\n{days}", control="a", active="b")
    assert line_of_the_rule(at) == [f":small[{NONE_MISSING}]"]
    assert "day counts as" not in words(at)


def test_a_number_that_gets_lost_on_the_way_is_its_default_and_not_the_least_there_is():
    """A page that is turned before it is all there loses what the server had set: heavy days began at 0 drinks then."""
    boxes = [box for box in opened("abstinence").sidebar.number_input if box.key in FIRST]
    assert {box.key for box in boxes} == {"men", "women", "seed", "grace", "assessed", "before", "grams"}
    for box in boxes:
        assert box.proto.default == pytest.approx(float(FIRST[box.key])), box.key


def test_the_missing_rule_changes_how_many_days_are_filled_in():
    trial = sample_trial()
    counts = abstinence_result(trial, resolve(trial, AnalysisSpec())[0]).counts
    left = counts.n_rows - counts.n_filled
    at = opened("abstinence")
    for said in (status(at), words(at)):
        assert f"{counts.n_rows} days used, {counts.n_filled} of them filled in" in said
    chosen(at, missing="missing")
    for said in (status(at), words(at)):
        assert f"{left} days used, none filled in, {counts.n_filled} missing left out" in said


def test_a_link_says_every_choice_and_another_session_shows_the_same():
    mine = chosen(opened("abstinence"), **{k: v for k, v in OTHER.items() if k not in ("fit", "covariate")})
    link = {k: (f"{v:g}" if isinstance(v, float) else v) for k, v in OTHER.items() if k not in ("fit", "covariate")}
    yours = opened("abstinence", **link)
    assert seen(yours) == seen(mine)
    assert status(yours) == status(mine)
    for part in ("missing days = left out", "linear time trend", "typical curve", "days 1:14", "penalised fit on"):
        assert part in status(yours).replace("\\", "")


def test_back_to_published_resets_every_control():
    at = opened("abstinence")
    published = seen(at)
    chosen(at, **{k: v for k, v in OTHER.items() if k != "fit"})
    (button,) = [b for b in at.button if b.label == BACK]
    button.click()
    at.run()
    assert seen(at) == published
    shown = {w.key: w.value for w in (*at.main, *at.sidebar) if getattr(w, "key", None) in FIRST}
    apart = (privacy.MASK, privacy.CELLS)  # how it is shown to others is no part of the analysis
    assert {k: v for k, v in shown.items() if k not in apart and not k.startswith("ketadash")} == {
        k: v for k, v in FIRST.items() if k not in OF_THE_RULE
    }
    assert not [b for b in at.button if b.label == BACK]


def test_there_is_no_way_back_from_the_analysis_that_one_is_in():
    """Of three arms two must be chosen: that departs from nothing, and a way back led to the question again."""
    rows = [f"P{i},{'abc'[i % 3]},{d},{(i * 5 + d * 3) % 4}" for i in range(12) for d in range(1, 8)]
    at = opened("nnt", "\n".join(["participant_id,arm,day,drinks", *rows]), control="a", active="b", missing="drinking")
    assert "Default analysis" in status(at)
    assert not [b for b in at.button if b.label.startswith("Back to")]
    chosen(at, missing="missing")
    next(b for b in at.button if b.label == "Back to the default analysis").click().run()
    assert "Default analysis" in status(at) and choose_arms.ASKED not in words(at)  # the pair is not lost by it


def test_choices_follow_from_page_to_page():
    at = chosen(opened("overview"), missing="missing")
    for page in RESULTS[1:]:
        assert "missing days = left out" in status(turned(at, page))
        assert not at.exception


def test_what_a_link_says_in_vain_is_said_once_and_the_default_holds():
    published = seen(opened("heavy_drinking"))
    at = opened("heavy_drinking", missing="xyz", days="abc", men="-3", points="7", horizon="soon", control="Nobody")
    assert not at.exception and not at.error
    said = at.warning[0].value.replace("\\", "")
    for part in ("missing=xyz", "'drinking'", "abc", "men=-3", "points=7", "soon", "control=Nobody"):
        assert part in said, part
    at_default = seen(at)
    assert (at_default["figures"], at_default["tables"]) == (published["figures"], published["tables"])
    chosen(at, days="", horizon="", trend="linear")
    assert not any("in the link" in warning.value for warning in at.warning)


def test_a_window_beyond_anyones_follow_up_is_a_message_and_loses_nothing():
    at = opened("abstinence", days="1:400", trend="linear")
    said = at.error[0].value.replace("\\", "")
    assert (
        not at.exception and "The window 1:400 reaches beyond anyone's follow-up (the data have days -7 to 21)" in said
    )
    assert at.text_input(key="days").value == "1:400" and at.segmented_control(key="trend").value == "linear"
    chosen(at, days="1:14")
    assert not at.error and "days 1:14; linear time trend" in status(at).replace("\\", "")


def test_dropout_that_cannot_be_imputed_under_the_rule_offers_to_switch_both():
    at = opened("relapse", dropout="imputed")
    assert "dropout can be imputed only" in at.error[0].value.lower()
    (button,) = [b for b in at.button if b.label == IMPUTE_TOO]
    button.click()
    at.run()
    assert not at.error and "missing days = like reported days; dropout = imputed" in status(at).replace("\\", "")
    assert not [b for b in opened("relapse", fit="RSPL", penalised="on").button if b.label == IMPUTE_TOO]


def test_choices_that_contradict_each_other_are_a_message_and_a_way_back():
    at = opened("abstinence", fit="RSPL", penalised="on")
    assert not at.exception
    assert "penalised fit is a likelihood fit" in at.error[0].value
    (button,) = [b for b in at.button if b.label == BACK]
    button.click()
    at.run()
    assert not at.error and "Published analysis" in status(at)


def test_the_dial_is_in_the_link_and_moves_what_the_rule_says():
    at = chosen(opened("abstinence", imputations="5"), missing="dial")  # the law is the same for any number
    mar = seen(at)
    assert "missing days = like reported days" in status(at)
    chosen(at, **{"imor-control": "0.2"})
    assert "odds ratio 0.2" in plain_status(at) and seen(at)["figures"] != mar["figures"]
    yours = opened("abstinence", missing="dial", imputations="5", **{"imor-control": "0.2"})
    assert seen(yours) == seen(at)
    chosen(at, **{"imor-control": "0", "imor-active": "0"})
    zero = seen(at)
    chosen(at, missing="drinking")
    assert seen(at)["figures"] == zero["figures"]  # no odds of abstinence is drinking


@pytest.mark.sweep(2)
@pytest.mark.parametrize("rule", missing_choice.RULES)
def test_every_other_rule_is_chosen_by_its_name(rule):
    at = opened("nnt", missing="more", rule=rule)
    assert not at.exception and f"missing days = {missing_choice.RULES[rule].about.label}" in plain_status(at)
    assert seen(at) == seen(chosen(opened("nnt", missing="more"), rule=rule))
    shown = next(box for box in at.selectbox if box.key == "rule").options
    assert shown == [one.about.label for one in missing_choice.RULES.values()]  # as the badge has it


def test_dropout_can_be_imputed_only_where_days_are():
    at = opened("relapse", dropout="imputed")
    assert "only where missing days are imputed too" in at.error[0].value.replace("\\", "") and not at.exception
    at = opened("relapse", dropout="imputed", missing="dial")
    assert not at.error and "Days after dropout are imputed here" in words(at)


def test_exploratory_p_values_are_marked_or_hidden_and_declared_ones_are_not():
    at = opened("heavy_drinking")
    assert "†" not in words(at)
    chosen(at, missing="missing")
    assert "A p-value marked † is outside the published analysis" in words(at) and "†)" in words(at)
    assert all("p †" in t for t in tables(at) if "Num DF" in t)
    chosen(at, pvalues="hidden")
    assert "p\u00a0hidden" in words(at) and "†" not in words(at)
    assert "p-values are hidden: this is not the published analysis" in words(at)
    assert all("hidden" in t for t in tables(at) if "Num DF" in t)


def test_the_mark_of_a_p_value_names_no_declared_analysis_where_the_trial_declares_none():
    rows = [f"P{i},{'ab'[i % 2]},{d},{(i * 5 + d * 3) % 4}" for i in range(12) for d in range(1, 8)]
    link = {"control": "a", "active": "b", "trend": "linear"}
    at = opened("heavy_drinking", "\n".join(["participant_id,arm,day,drinks", *rows]), **link)
    assert "A p-value marked † is outside the default analysis" in words(at) and "declared analysis" not in words(at)
