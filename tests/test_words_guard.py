"""p-values outside the declared analysis: each marked or hidden, wherever sentences and tables have them."""

import pandas as pd
import pytest

from ketadash.core import numbers
from ketadash.core.p_values import HIDDEN, MARK, sentence
from ketadash.core.spec import PValues
from ketadash.questions.shared.tables import guarded as table

PS = (0.9999, 0.71, 0.049, 0.04, 0.007, 0.0001)


@pytest.mark.parametrize("p", PS)
def test_every_p_that_words_write_is_marked_or_hidden(p):
    text = f"It grew (odds ratio 1.19, 95% CI 1.14–1.25, {numbers.p_value(p)}), and stayed."
    assert sentence(text, PValues.SHOWN) == text
    assert sentence(text, PValues.LABELLED) == text.replace(numbers.p_value(p), numbers.p_value(p) + MARK)
    hidden = sentence(text, PValues.HIDDEN)
    assert HIDDEN in hidden and numbers.p_value(p) not in hidden
    assert "1.14–1.25" in hidden  # the interval stays


def test_what_is_no_p_stays():
    for text in ("step .5", "p", "cap .04", "2 p.m.", "p not estimable"):
        assert sentence(text, PValues.LABELLED) == sentence(text, PValues.HIDDEN) == text


def test_columns_of_p_are_marked_or_hidden():
    frame = pd.DataFrame({"p": [".04"], "RSPL: p": [".05"], "p, day 21": [".06"], "Group": ["a"], "Estimate": ["1"]})
    marked = table(frame, PValues.LABELLED)
    assert list(marked.columns) == ["p †", "RSPL: p †", "p, day 21 †", "Group", "Estimate"]
    hidden = table(frame, PValues.HIDDEN)
    assert hidden.loc[0].tolist() == ["hidden", "hidden", "hidden", "a", "1"]
    pd.testing.assert_frame_equal(table(frame, PValues.SHOWN), frame)
