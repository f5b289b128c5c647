"""What comes last in a large trial's results, computed by a second thread while the first is at their beginning.

For the command line, whose process has both cores to itself: numpy lets two threads compute at a time.
"""

from __future__ import annotations

from threading import Thread

from ketadash.analyse.binary import abstinence_fit, panel_of
from ketadash.analyse.sensitivity import sensitivity_problem
from ketadash.core.spec import AnalysisSpec
from ketadash.trial import Trial

MOST_AT_ONCE = 10_000  # participant-days up to which all of it takes a second


def begin(trial: Trial, spec: AnalysisSpec) -> Thread | None:
    """Fit the combinations of the published choices, the last first: `analyse.sensitivity` begins with the first.

    What has been fitted is remembered, and what is under way is waited for, so that nothing is computed twice.  None
    where it is not worth it.
    """
    if panel_of(trial, spec).amount.size <= MOST_AT_ONCE:
        return None
    problem = sensitivity_problem(trial, spec)

    def fit() -> None:
        for one in reversed(problem.combinations):
            try:
                abstinence_fit(trial, problem.choice(one))
            except Exception:  # whoever asks for it computes it again, and says what is wrong
                return

    thread = Thread(target=fit, name="ketadash ahead", daemon=True)
    thread.start()
    return thread
