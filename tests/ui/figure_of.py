"""What a page drew, as AppTest sees it."""

import json
from typing import Any


def shown(at: Any, key: str) -> dict[str, Any]:
    """All that `ketadash.ui.plot` sent for the picture `key`: figure, narrow, alt, config.

    KeyError names the pictures there are.
    """
    sent = {}
    for element in at.get("bidi_component"):
        proto = element.proto
        if proto.component_name == "ketadash_plot":
            # An element's id is "$$ID-<hash>-<the caller's key>".
            sent[proto.id.split("-", 2)[2]] = proto.json
    if key not in sent:
        raise KeyError(f"no picture '{key}' on this page; it has {sorted(sent)}")
    return json.loads(sent[key])[0]


def figure_of(at: Any, key: str) -> dict[str, Any]:
    """The wide figure of the picture `key`: ``{"data": …, "layout": …}``."""
    return shown(at, key)["figure"]
