"""Files with every toggle, of the sample trial."""

from datetime import UTC, datetime

from ketadash.core.spec import PValues
from ketadash.export.provenance import stamp
from ketadash.export.supplement.content import Order, usual_pages

PAGES = usual_pages()


def origin_of(trial, spec):
    return stamp(trial, trial.declared.published, spec, when=datetime(2026, 1, 2, tzinfo=UTC))


ORDER = Order(("abstinence", "relapse"), PValues.SHOWN, suppress=False)
