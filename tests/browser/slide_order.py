"""The slides of the sample trial, in order: a page with nothing to show in it is none."""

from known_trials import sample_trial

from ketadash.questions import registry
from ketadash.trial.resolve import resolve
from ketadash.ui.slides import ORDER

_sample = sample_trial()
_spec, _ = resolve(_sample, _sample.declared.published)
SLIDES = tuple(page for page in ORDER if registry.question(page).answerable(_sample, _spec, False))
