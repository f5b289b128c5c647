"""Writes a small trial and its shuffles for `randomisation.R`: `python tests/oracle/make_shuffles.py`."""

import json
from pathlib import Path

import numpy as np

from ketadash.stats.randomisation import shuffled

PEOPLE, DAYS, SHUFFLES, SEED = 16, 7, 39, 5


def main() -> None:
    rng = np.random.default_rng(12)
    z = rng.normal(0, 1.2, PEOPLE)[:, None]
    active = np.arange(PEOPLE) < 8
    drinking = rng.random((PEOPLE, DAYS)) < 1 / (1 + np.exp(-(z + 0.2 - 0.25 * active[:, None] * np.arange(DAYS))))
    amount = np.where(drinking, rng.integers(1, 9, (PEOPLE, DAYS)), 0)
    draws = shuffled(active, None, 0, SHUFFLES, seed=SEED)
    given = {"seed": SEED, "amount": amount.tolist(), "active": active.tolist(), "draws": draws.tolist()}
    Path(__file__).with_name("randomisation_shuffles.json").write_text(json.dumps(given))


if __name__ == "__main__":
    main()
