"""Trials as files, made up for pages: arms, people, days, and how many of them are missing."""

import random


def csv(arms, *, people=12, days=range(1, 11), drinking=(0.6, 0.3), missing=0.06, baseline=True) -> str:
    """A trial in which each arm drinks on its share of days."""
    roll = random.Random(2)
    rows = ["participant_id,arm,day,drinks" + (",sex,baseline_drinks" if baseline else "")]
    for a, arm in enumerate(arms):
        for i in range(people):
            tail = f",{roll.choice('MF')},{roll.uniform(3, 15):.1f}" if baseline else ""
            for day in days:
                drank = roll.randint(1, 9) if roll.random() < drinking[a] else 0
                drinks = "" if roll.random() < missing else drank
                rows.append(f'P{a}{i:02d},"{arm}",{day},{drinks}{tail}')
    return "\n".join(rows)
