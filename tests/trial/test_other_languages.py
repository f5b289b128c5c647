"""Words of other languages in cells."""

from __future__ import annotations

import numpy as np
import pytest
from read_alike import KNOWN, csv

from ketadash.trial import load


@pytest.mark.parametrize(
    ("woman", "man"), [("M", "H"), ("F", "H"), ("w", "m"), ("mujer", "hombre"), ("Femme", "Homme")]
)
def test_sexes_in_other_languages(woman, man):
    people = sorted(set(KNOWN["participant_id"]))
    women = KNOWN["participant_id"].isin(people[::2])
    trial = load(csv(KNOWN.assign(sex=np.where(women, woman, man))))
    assert trial.participants.set_index("participant_id")["sex"].to_dict() == {
        p: "F" if p in people[::2] else "M" for p in people
    }
