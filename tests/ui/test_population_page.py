"""The analysis set on the pages: chosen by link or list, named in a badge and in what the answer rests on."""

from opened import chosen, opened, turned, words


def test_a_link_chooses_the_set_and_every_page_names_it():
    at = opened("abstinence", population="sex=F")
    assert not at.exception
    for page in ("abstinence", "participants", "relapse", "safety"):
        text = words(at if page == "abstinence" else (at := turned(at, page)))
        assert "Supplementary: only sex = F (21 of 40)" in text, page
        assert "Supplementary: analysed are only participants with sex = F, 21 of 40 randomised" in text, page
    at = chosen(at, population="everyone randomised")
    assert "Supplementary" not in words(at)


def test_a_set_that_cannot_be_analysed_is_a_sentence():
    at = opened("abstinence", population="race=Asian")
    assert not at.exception
    text = words(at)
    assert "The analysis set race = Asian leaves nobody in the arm 'ketamine'" in text


def test_the_published_numbers_stay_those_of_everyone():
    text = words(opened("paper", population="sex=F"))
    assert "analysed are only participants" not in text
