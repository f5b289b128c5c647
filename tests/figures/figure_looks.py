"""What tests of figures share: the ways in which one is looked at, names that could do harm, and what stands in it."""

from ketadash.core.spec import ViewSpec

LIGHT, DARK, PHONE = ViewSpec(), ViewSpec(dark=True), ViewSpec(narrow=True)
VIEWS = (LIGHT, DARK, PHONE, ViewSpec(dark=True, narrow=True))
HOSTILE = (
    "<b>x</b><a href='javascript:alert(1)'>click</a> %{y} & $\\frac12$ " + "a very long name " * 5,
    "🍺 Ketamine\n</span><script>‮ & co " + "🍻" * 60,
)


def named(figure, name):
    """The trace of that name."""
    return next(t for t in figure["data"] if t.get("name") == name)


def texts(figure):
    """What is written into the picture."""
    return [a["text"] for a in figure["layout"].get("annotations", ())]


def strings(thing):
    """Every text of a figure, wherever it stands."""
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, dict):
        for value in thing.values():
            yield from strings(value)
    elif isinstance(thing, list | tuple):
        for value in thing:
            yield from strings(value)
