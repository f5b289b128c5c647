"""What the missing-days question says and offers while its long computations go on, and where the dial is drawn."""

from dataclasses import replace

import pytest
from known_trials import sample_trial

from ketadash import analyse
from ketadash.analyse.tipping_map import cells, tipping_map
from ketadash.core.spec import MissingRule
from ketadash.export.from_blocks import sections
from ketadash.questions.missing_days.question import MISSING_DAYS, TIPPING
from ketadash.questions.question import Answer, Data, Growing, Material, Picture
from ketadash.trial import resolve


@pytest.fixture(scope="module")
def material():
    trial = sample_trial()
    spec, _ = resolve(
        trial, trial.declared.published.replace(missing=MissingRule.IMOR, imor_control=0.5, imputations=2)
    )
    return Material(trial, spec)


def shown(m, n_cells):
    """What the map is shown as when so many of its cells are computed."""
    problem = analyse.tipping_problem(m.trial, m.spec)
    done = {cell: problem.cell(cell) for cell in cells(problem)[:n_cells]}
    (growing,) = [b for b in MISSING_DAYS.blocks(m) if isinstance(b, Growing) and b.key == TIPPING]
    return {type(block): block for block in growing.blocks(tipping_map(problem, done))}


def test_a_map_under_way_is_drawn_but_concludes_nothing_and_is_no_download(material):
    assert not shown(material, 0)
    begun, whole = shown(material, 2), shown(material, None)
    assert "not complete yet" in begun[Answer].text and not begun[Data].offered
    assert "not complete" not in whole[Answer].text and whole[Data].offered
    assert Picture in begun and Picture in whole


def test_the_dial_is_marked_on_the_page_alone(material):
    paper, page = (shown(m, None)[Picture] for m in (material, replace(material, on_page=True)))
    on_paper, on_page = (one.draw(material.spec, material.view) for one in (paper, page))
    assert len(str(on_page)) > len(str(on_paper))
    named = [trace for trace in on_page["data"] if trace.get("name") == "now"]
    assert named and not [trace for trace in on_paper["data"] if trace.get("name") == "now"]


def test_a_file_without_the_map_has_no_empty_section_for_it_and_no_second_copy_of_the_model(material):
    made = {section.key: section for section in sections(MISSING_DAYS, material)}
    assert list(made) == ["missing_days", "assumptions", "strips", "which_days"]
    assert [table.name for table in made["missing_days"].tables] == ["estimand"]
    assert made["assumptions"].answer.startswith("Under 4 of 4 distinct assumptions about the missing days")
    assert all(section.rests_on for section in made.values())
