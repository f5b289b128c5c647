"""Visits with a row for each measure: each is a measure of its own, and never a mean of several."""

from ketadash import analyse
from ketadash.core import paths
from ketadash.trial import load, resolve

DAYS = "participant_id,arm,day,drinks\n" + "\n".join(
    f"p{i},{'ab'[i % 2]},{d},{(i * d) % 4}" for i in range(8) for d in range(1, 15)
)


def visits(tmp_path, text):
    (tmp_path / "days.csv").write_text(DAYS)
    (tmp_path / "visits.csv").write_text(text)
    return load(tmp_path).visits


def test_a_column_of_names_and_one_of_values_are_a_column_for_each_measure(tmp_path):
    long = "participant_id,day,measure,value\np1,7,Craving,3\np1,7,pain,1\np1,7,pain,2\np2,7,pain,\np2,14,Craving,5\n"
    wide = visits(tmp_path, long)
    assert list(wide.columns) == ["participant_id", "day", "craving", "pain"]
    assert wide[["craving", "pain"]].fillna(-1).to_numpy().tolist() == [[3, 1.5], [-1, -1], [5, -1]]
    assert wide.index.tolist() == [2, 5, 6] and wide.index.name == "line"


def test_other_visits_are_left_as_they_are(tmp_path):
    wide = "participant_id,day,craving,value\np1,7,3,1\n"
    assert list(visits(tmp_path, wide).columns) == ["participant_id", "day", "craving", "value"]
    more = "participant_id,day,measure,value,pain\np1,7,craving,3,1\n"
    assert list(visits(tmp_path, more).columns) == ["participant_id", "day", "measure", "value", "pain"]


def test_withdrawal_and_pain_of_the_real_trial_are_two_measures():
    trial = load(paths.example_folder("xbot"))
    spec, _ = resolve(trial, trial.declared.published)
    assert list(trial.visits.columns) == ["participant_id", "day", "pain", "withdrawal"]
    assert trial.visits["withdrawal"].max() == 3 and trial.visits["pain"].max() == 2
    assert "value" not in [m.label for m in analyse.measures_result(trial, spec)]
