"""Short plain text is shown as any other text would be, though it is not searched for what cannot be shown."""

from hypothesis import given
from hypothesis import strategies as some

from ketadash.ui.show import visible

CHARACTERS = " ab9.,–−…†\xa0\u00ad\u0301\u200b\u202e\u2028\t\x7f<&"


@given(some.text(CHARACTERS, max_size=60))
def test_short_text_is_shown_as_within_a_text_that_is_searched(text):
    assert visible(f"☃{text}") == f"☃{visible(text)}"


@given(some.text("ab –", min_size=10, max_size=60))
def test_short_text_is_cut_where_there_is_less_room(text):
    assert len(visible(text, 5)) <= 5
