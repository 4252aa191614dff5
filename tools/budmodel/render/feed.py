"""The changes as an Atom feed: ``/api/changes.atom``.

Specification: RFC 4287. The same commit gives the same bytes; ids are UUIDs of the commit and the type
(RFC 9562 §5.5), so that a reader never sees an entry twice.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from budmodel.operations.changes import Change
from budmodel.render.filters import urlpath, visible
from budmodel.render.pages.frame import About

FEED = "api/changes.atom"
_SPACE = uuid.UUID("6b2ad6c5-2f5d-5a0f-9a4c-0d6a7d2b9c11")
_EPOCH = "1970-01-01T00:00:00Z"
MOST_LINES = 20
"""Lines of an entry."""


def feed(changes: Sequence[Change], about: About, site_url: str | None) -> bytes:
    """The feed as UTF-8.

    Args:
        changes: newest first.
        about: what the registry says of itself.
        site_url: where the site will be; without it, links are relative to the feed.
    """
    base = site_url.rstrip("/") + "/" if site_url else "../"
    first = changes[-1].commit if changes else about.name
    updated = changes[0].time if changes else about.commit_time or _EPOCH
    self_ = f'<link rel="self" href={quoteattr(base + FEED)}/>\n' if site_url else ""
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f"<id>urn:uuid:{uuid.uuid5(_SPACE, f'feed {first}')}</id>\n"
        f"<title>{_text(about.name)}: changes</title>\n<updated>{updated}</updated>\n"
        f"<author><name>{_text(about.name)}</name></author>\n"
        f'{self_}<link rel="alternate" type="text/html" href={quoteattr(base + "changes/")}/>\n'
    )
    return (head + "".join(_entry(change, base) for change in changes) + "</feed>\n").encode("utf-8")


def _entry(change: Change, base: str) -> str:
    lines = [_line(line.model, line.what) for line in change.lines[:MOST_LINES]]
    if len(change.lines) > MOST_LINES:
        lines.append(f"and {len(change.lines) - MOST_LINES} more")
    title = lines[0] if len(change.lines) == 1 else change.subject
    model = change.lines[0].model if len({line.model for line in change.lines}) == 1 else ""
    # A model that was removed has no page; its changes are on the page of all changes.
    link = (
        f"models/{urlpath(model)}/"
        if model and change.kind != "removed"
        else f"changes/#c{change.commit[:12]}"
    )
    return (
        f"<entry>\n<id>urn:uuid:{uuid.uuid5(_SPACE, f'{change.commit} {change.kind}')}</id>\n"
        f"<title>{_text(f'{change.kind}: {title}')}</title>\n<updated>{change.time}</updated>\n"
        f"<author><name>{_text(change.author or 'unknown')}</name></author>\n"
        f'<category term="{change.kind}"/>\n'
        f'<link rel="alternate" type="text/html" href={quoteattr(base + link)}/>\n'
        f'<content type="text">{_text(chr(10).join(lines))}</content>\n</entry>\n'
    )


def _line(model: str, what: str) -> str:
    return f"{model}: {what}" if model else what


def _text(value: str) -> str:
    """Text for XML 1.0, which knows no control characters (§2.2), without overrides of direction."""
    clean = "".join(char if _allowed(ord(char)) else "\ufffd" for char in visible(value))
    return escape(clean)


def _allowed(code: int) -> bool:
    return code in (0x9, 0xA, 0xD) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000
