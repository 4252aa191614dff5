"""The Atom feed: what RFC 4287 demands, stable ids, and hostile text."""

from __future__ import annotations

import uuid
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from budmodel.operations.changes import Change, Line
from budmodel.render.feed import MOST_LINES, feed
from budmodel.render.pages.changes import by_commit, last_week
from budmodel.render.pages.frame import About

ATOM = "{http://www.w3.org/2005/Atom}"
ABOUT = About(name="R & <D>", description="", commit="d" * 40, commit_time="2026-11-22T00:00:00Z")


def change(
    number: int = 1, kind: str = "added", time: str = "2026-11-20T10:00:00Z", **more: object
) -> Change:
    given_ = {"author": "Ann", "subject": "Add it", "lines": (Line(what="model added", model="m"),), **more}
    return Change(commit=f"{number:040x}", kind=kind, time=time, **given_)  # type: ignore[arg-type]


def parsed(found: list[Change], url: str | None = None) -> ElementTree.Element:
    return ElementTree.fromstring(feed(found, ABOUT, url))


def test_every_entry_has_what_the_specification_demands() -> None:
    """RFC 4287 §4.1.1 and §4.1.2: id, title and updated, in feed and entry; ids are absolute IRIs."""
    root = parsed([change(1), change(1, "security"), change(2)], "https://example.org/r")
    entries = root.findall(f"{ATOM}entry")
    ids = [element.findtext(f"{ATOM}id") or "" for element in (root, *entries)]
    assert len(set(ids)) == 4
    for id_, element in zip(ids, (root, *entries), strict=True):
        assert uuid.UUID(id_.removeprefix("urn:uuid:")).version == 5
        assert element.findtext(f"{ATOM}title")
        assert (element.findtext(f"{ATOM}updated") or "").endswith("Z")
    assert [entry.find(f"{ATOM}category").attrib["term"] for entry in entries] == [  # type: ignore[union-attr]
        *("added", "security", "added")
    ]
    links = [link.attrib["href"] for link in root.iter(f"{ATOM}link")]
    assert links[:3] == [
        "https://example.org/r/api/changes.atom",
        "https://example.org/r/changes/",
        "https://example.org/r/models/m/",
    ]


def test_without_an_address_links_are_relative_to_the_feed() -> None:
    assert [link.attrib["href"] for link in parsed([change()]).iter(f"{ATOM}link")] == [
        *("../changes/", "../models/m/")
    ]


def test_the_page_tells_a_commit_once_with_all_its_types() -> None:
    told = by_commit([change(1, "security"), change(1), change(2)])
    assert [(one.commit, one.kinds) for one in told] == [
        (change(1).commit, ("security", "added")),
        (change(2).commit, ("added",)),
    ]
    assert [len(one.lines) for one in told] == [2 * len(change(1).lines), len(change(2).lines)]


def test_an_empty_history_is_a_valid_feed() -> None:
    root = parsed([])
    assert root.findtext(f"{ATOM}updated") == ABOUT.commit_time
    assert root.findall(f"{ATOM}entry") == []


def test_a_long_change_is_cut_and_says_so() -> None:
    lines = tuple(Line(what=f"line {number}") for number in range(MOST_LINES + 5))
    content = parsed([change(lines=lines)]).find(f"{ATOM}entry").findtext(f"{ATOM}content")  # type: ignore[union-attr]
    assert (content or "").splitlines()[-1] == "and 5 more"


@given(st.text(), st.text(), st.text())
def test_any_text_is_well_formed_and_nothing_but_text(subject: str, author: str, what: str) -> None:
    """XML 1.0 §2.2: control characters cannot stand in a document, not even escaped."""
    root = parsed([change(subject=subject, author=author, lines=(Line(what=what), Line(what="x")))])
    assert len(list(root.iter())) == 16
    assert all(link.attrib["href"].startswith("../") for link in root.iter(f"{ATOM}link"))


def test_a_week_ends_with_the_commit_and_not_with_the_clock() -> None:
    old, new = change(1, time="2026-11-14T00:00:00Z"), change(2, time="2026-11-15T00:00:01Z")
    assert last_week([new, old], "2026-11-22T00:00:00Z") == ("2026-11-22", [new])
    assert last_week([new, old], None) == ("2026-11-15", [new, old])
    assert last_week([], None) == ("", [])
