"""A notice of a page stands there once: in two places it reads as two troubles."""

import re

import pytest
from opened import opened

NO_BASELINE = "participant_id,arm,day,drinks\n" + "\n".join(
    f"P{i},{('placebo', 'drug')[i % 2]},{d},{'' if (i, d) == (3, 7) else (i * 7 + d * 3) % 4}"
    for i in range(12)
    for d in range(1, 8)
)


def lines(parts) -> list[str]:
    """Each line of these parts of a page, as it is read."""
    plain = [re.sub(r"^:small\[(.*)\]$", r"\1", part.value, flags=re.DOTALL).replace("\\", "") for part in parts]
    return [line.strip().rstrip(".") for text in plain for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize("page", ["overview", "abstinence", "heavy_drinking", "nnt"])
def test_no_notice_stands_twice_on_a_page(page):
    at = opened(page, NO_BASELINE)
    boxed = lines([*at.main.warning, *at.main.info, *at.main.error])
    every = [*boxed, *lines(at.main.markdown)]
    assert sum("No baseline adjustment" in line for line in every) == 1
    assert not [line for line in boxed if every.count(line) > 1]
