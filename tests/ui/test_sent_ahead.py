"""What is sent ahead: the places of the words, and no more work than a click may wait for."""

from types import SimpleNamespace

from known_trials import sample_trial

from ketadash.core.choices import missing_choice
from ketadash.core.spec import AnalysisSpec, MissingRule
from ketadash.trial import resolve
from ketadash.ui import controls, prefetched_pictures

SAMPLE = sample_trial()


def test_only_light_work_is_done_unasked():
    now = SimpleNamespace(trial=SAMPLE)
    planned, _ = resolve(SAMPLE, AnalysisSpec())
    drawn = planned.replace(missing=MissingRule.IMOR)
    assert prefetched_pictures.light(now, planned)
    assert prefetched_pictures.light(now, drawn.replace(imputations=20))
    assert not prefetched_pictures.light(now, drawn.replace(imputations=50))
    assert prefetched_pictures.light(now, planned.replace(imputations=50))  # nothing is drawn


def test_nothing_is_sent_ahead_while_many_pages_are_asked_for():
    prefetched_pictures.lately.clear()
    assert not any(prefetched_pictures.busy(float(at)) for at in range(20))  # a page a second
    assert [prefetched_pictures.busy(20 + at / 10) for at in range(10)][-1]
    assert not prefetched_pictures.busy(60.0)
    prefetched_pictures.lately.clear()


def test_the_stops_are_ranked_with_what_lies_between_them():
    ranks = [prefetched_pictures.rank(stop) for stop in missing_choice.STOPS]
    assert ranks == sorted(ranks) and len(set(ranks)) == len(ranks)
    assert prefetched_pictures.rank("0.5") < prefetched_pictures.rank("0.6") < prefetched_pictures.rank("0.67")


def test_every_row_of_buttons_is_one_of_the_controls():
    said = controls.words_of(AnalysisSpec())
    assert all(said[key] in words for key, words in prefetched_pictures.ROWS.items())
