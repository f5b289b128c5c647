"""The page of subgroups: chosen by link and by hand, exploratory there and nowhere else."""

from opened import chosen, figures, opened, turned, words


def test_a_link_chooses_column_and_endpoint():
    at = opened("subgroups", **{"subgroup": "sex", "subgroup-endpoint": "days abstinent"})
    assert not at.exception
    text = words(at)
    assert "Days abstinent to day 21, ketamine minus midazolam, by gender: Female: 1 point (95% CI" in text
    assert "Exploratory: differs in subgroups by 'sex'" in text and "Interaction p\u00a0.37†" in text
    assert "subgroups" in figures(at)
    at = chosen(at, subgroup="age")
    assert at.query_params["subgroup"] in ("age", ["age"])
    assert "by age (years), cut at its median of 54.5" in words(at)
    other = words(turned(at, "abstinence"))
    assert "Published analysis" in other and "Exploratory" not in other


def test_without_a_column_it_says_how_one_is_chosen():
    at = opened("subgroups")
    assert not at.exception and "Choose a characteristic from before treatment" in words(at)


def test_a_cut_in_the_link_and_one_that_makes_no_groups():
    assert "cut at 50" in words(opened("subgroups", subgroup="age", cut="50"))
    assert "nobody's 'age' is below 5" in words(opened("subgroups", subgroup="age", cut="5"))
