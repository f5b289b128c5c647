"""The words that depend on what a trial counts: drinks, UK units, grams of alcohol, or the use of something else.

Results carry their trial's `Terms`, so that sentences, tables and figures say "use day" where nobody drinks.  Names in
links and in the JSON are a contract and stay what they are, whatever is counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ketadash.core.choices.missing import ON_SCREEN

# What the models' terms for the two baselines are called in tables and in the JSON, whatever is counted.
BASELINE, BASELINE_HEAVY = "baseline_drinks", "baseline_heavy_days"
_OF_LEVEL = ": "  # between a column of words and one of its levels; no column's tidy name has it


def term_of_level(column: str, level: str) -> str:
    """What the model's term for a level of a column of words is called; `column_of_term` is its inverse.

    >>> column_of_term(term_of_level("site", "north: 2"))
    'site'
    """
    return f"{column}{_OF_LEVEL}{level}"


def column_of_term(term: str) -> str:
    """The column whose values, or one of whose levels, a covariate's term stands for."""
    return term.partition(_OF_LEVEL)[0]


@dataclass(frozen=True, slots=True)
class Terms:
    """How a trial's amounts and days are called; by default, alcohol in standard drinks.

    Attributes
    ----------
    use
        What is done on a day that is not abstinent, and what a missing day may count as.
    used
        The same in the past.
    many
        The amounts in counts: more than 4 `many`.
    measure
        The amounts in full.
    without, nothing
        An abstinent day: reported ``without a drink``; ``no drinks``.
    assay
        What tests beside self-report look for; empty where the file does not say.
    alcohol
        Whether it is alcohol, for which there are conventions of a heavy day.
    """

    use: str = "drinking"
    used: str = "drank"
    many: str = "drinks"
    measure: str = "standard drinks"
    without: str = "without a drink"
    nothing: str = "no drinks"
    alcohol: bool = True
    assay: str = "EtG"

    @property
    def test(self) -> str:
        """What tests beside self-report are called."""
        return f"{self.assay} test" if self.assay else "test"

    @property
    def day(self) -> str:
        """A day that is not abstinent."""
        return f"{self.use} day"

    @property
    def heavy_use(self) -> str:
        """What is done on a heavy day."""
        return f"heavy {self.use}"

    @property
    def heavy_day(self) -> str:
        """A day of more than the threshold."""
        return f"heavy {self.use} day"

    @property
    def baseline(self) -> str:
        """How much there was before the trial."""
        return f"baseline {self.many if self.alcohol else self.use}"

    def worded(self, label: str) -> str:
        """One of our own labels, which say drinking whatever is counted, in this trial's words and as controls have it.

        >>> DRINKS.worded("missing = missing · adjusted")
        'missing = left out · adjusted'
        """
        first, *others = label.split(" · ")
        head, equals, rule = first.rpartition(" = ")
        label = " · ".join((f"{head}{equals}{ON_SCREEN.get(rule, rule)}", *others))
        return label if self.alcohol else label.replace("drinking", self.use)

    def covariate(self, term: str) -> str:
        """A model's term as a table shows it: the baseline covariate has one name in the JSON whatever is counted."""
        return self.baseline.replace(" ", "_") if term == BASELINE else term

    def covariates(self, terms: Iterable[str]) -> tuple[str, ...]:
        """The columns behind covariates' terms as sentences have them, each once however many levels it has."""
        return tuple(dict.fromkeys(self.covariate(column_of_term(term)).replace("_", " ") for term in terms))


DRINKS = Terms()


def of_use(many: str = "uses") -> Terms:
    """The words for anything but alcohol."""
    return Terms("use", "used", many, many, "without use", "no use", alcohol=False)
