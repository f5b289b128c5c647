"""What would be written for some pages of a trial, and names that are hostile."""

from datetime import UTC, datetime

from ketadash.export.bundle import Content
from ketadash.export.catalogue import CHAPTERS, every
from ketadash.export.provenance import stamp
from ketadash.export.sections import Material, methods_of
from ketadash.trial import resolve

WHEN = datetime(2026, 3, 1, 12, 34, tzinfo=UTC)
LINK = "https://example.org/abstinent-days?trend=linear"
HOSTILE = ('=HYPERLINK("http://x")</script><img src=x onerror=alert(1)>', "drug \\input{/etc/passwd} & 50% _$^~#{}")


def content(trial, spec=None, pages=None, **more):
    """What would be written for `pages` of a trial."""
    chosen = spec or trial.declared.published
    resolved, _ = resolve(trial, chosen)
    material = Material(trial, resolved, **more)
    sections = tuple(every(pages or [c.page for c in CHAPTERS], material))
    origin = stamp(trial, chosen, resolved, when=WHEN, link=LINK)
    return Content(material, chosen, sections, origin, methods_of(material, sections, origin))
