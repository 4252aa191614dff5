"""Answers of a Hub that lies, escapes, redirects or never ends are refused before anything is used."""

from __future__ import annotations

import json
from typing import Any

import pytest

from budmodel.errors import OutsideError
from budmodel.sources import hub_http, hub_listing, hub_model
from budmodel.sources.hub_http import Patience
from budmodel.sources.huggingface import open_source
from sources.hub_repo import COMMIT, sha256
from sources.hub_server import HubServer

ID = "Acme/Tiny-1B"
WEIGHTS = bytes(range(256)) * 100
QUICK = Patience(connect=1, read=1, whole=2, backoff=0.01)
LFS = {"sha256": "0" * 64, "size": 3}


def refused(hub: HubServer, siblings: Any, **facts: Any) -> str:
    """The sentence for an answer with these siblings."""
    hub.replay({"id": ID, "sha": COMMIT, "siblings": siblings} | facts)
    with pytest.raises(OutsideError) as caught:
        open_source(ID, patience=QUICK).listing()
    text = str(caught.value)
    assert "\n" not in text and text.isprintable() and len(text) < 700
    assert len(hub.log) == 1
    return text


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "../x", "a/../../x", "a//b", "./a", "a/", "", "a\\b", "C:/x", "a\nb", "a\x1b[2Jb",
     "a\u202eb", "a\u2028b", "a\x7f", "a\ud800", "x" * 1025, "ü" * 513],
)  # fmt: skip
def test_paths_that_escape_or_mislead(hub: HubServer, path: str) -> None:
    assert "which " in refused(hub, [{"rfilename": "ok", "size": 1}, {"rfilename": path, "size": 1}])


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("a", "a"),
        ("README.md", "readme.md"),
        ("\u00fc", "u\u0308"),
        ("Stra\u00dfe", "STRASSE"),
        ("a", "A/b/c"),
    ],
)
def test_paths_that_collide(hub: HubServer, one: str, two: str) -> None:
    siblings = [{"rfilename": two, "size": 1}, {"rfilename": "b", "size": 1}, {"rfilename": one, "size": 1}]
    assert " and " in refused(hub, siblings)


@pytest.mark.parametrize(
    "entry",
    [
        {"size": -1},
        {"size": 2**60 + 1},
        {"size": 1.5},
        {"size": "3"},
        {"size": True},
        {"size": 3, "lfs": {"sha256": "A" * 64, "size": 3}},
        {"size": 3, "lfs": {"sha256": "0" * 63, "size": 3}},
        {"size": 3, "lfs": {"sha256": None, "size": 3}},
        {"size": 3, "lfs": "yes"},
        {"size": 4, "lfs": LFS},
    ],
)
def test_entries_that_cannot_be(hub: HubServer, entry: dict[str, Any]) -> None:
    assert "'model.bin'" in refused(hub, [{"rfilename": "model.bin"} | entry])


@pytest.mark.parametrize("siblings", ["x", {"a": 1}, [1], [{}], [{"rfilename": 5}], [None]])
def test_listings_that_are_none(hub: HubServer, siblings: Any) -> None:
    refused(hub, siblings)


def test_too_many_files(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_listing, "MAX_FILES", 10)
    assert "more than 10 entries" in refused(hub, [{"rfilename": str(n), "size": 1} for n in range(11)])


@pytest.mark.parametrize("facts", [{"sha": "main"}, {"sha": 5}, {"sha": "A" * 40}, {"id": "../x"}, {"id": 7}])
def test_ids_and_commits_that_are_none(hub: HubServer, facts: dict[str, Any]) -> None:
    hub.answer("/api/models", json.dumps({"id": ID, "sha": COMMIT, "siblings": []} | facts).encode())
    with pytest.raises(OutsideError):
        open_source(ID, patience=QUICK).listing()


def test_another_commit_than_the_one_that_was_asked_for(hub: HubServer) -> None:
    hub.add(ID, {"a": b"1"}, refs={"b" * 40: COMMIT})
    with pytest.raises(OutsideError, match="another commit"):
        open_source(ID, revision="b" * 40, patience=QUICK).listing()


def test_a_tree_without_end(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_model, "MAX_PAGES", 5)
    hub.add(ID, {"a": b"1"}, sizes=False)
    hub.answer("/tree/", b"[]", Link=f'<{hub.url}/api/models/{ID}/tree/main?again=1>; rel="next"')
    with pytest.raises(OutsideError, match="without end"):
        open_source(ID, patience=QUICK).listing()
    assert len(hub.log) == 6


def test_a_tree_that_goes_on_elsewhere(hub: HubServer) -> None:
    hub.add(ID, {"a": b"1"}, sizes=False)
    hub.answer("/tree/", b"[]", Link='<https://evil.example/next>; rel="next"')
    with pytest.raises(OutsideError, match="elsewhere, which is refused"):
        open_source(ID, patience=QUICK).listing()


def test_an_answer_that_is_too_long(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_http, "MAX_ANSWER", 1000)
    hub.answer("/api/models", b"[" + b" " * 1000)
    with pytest.raises(OutsideError, match="more than 1000 bytes"):
        open_source(ID, patience=QUICK).listing()


def test_an_answer_that_is_compressed_unasked(hub: HubServer) -> None:
    hub.answer("/api/models", b"\x1f\x8b", Content_Encoding="gzip")
    with pytest.raises(OutsideError, match="compressed, unasked"):
        open_source(ID, patience=QUICK).listing()


@pytest.mark.parametrize(
    "location",
    ["https://evil.example/api/models/x", "http://evil.example/", "ftp://x/", "https://u:p@127.0.0.1/", "https://[/",
     "http://169.254.169.254/latest/meta-data", "http://localhost:1/"],
)  # fmt: skip
def test_a_description_from_elsewhere_is_refused(hub: HubServer, location: str) -> None:
    hub.redirect("/api/models", location)
    with pytest.raises(OutsideError, match="redirects"):
        open_source(ID, patience=QUICK).listing()
    assert len(hub.log) == 1


@pytest.mark.parametrize(
    "location", ["http://evil.example/x", "file:///etc/passwd", "http://10.0.0.1/", "//evil.example/"]
)
def test_contents_come_over_https_only(hub: HubServer, location: str) -> None:
    hub.add(ID, {"w.bin": WEIGHTS}, lfs=["w.bin"])
    hub.redirect("/resolve/", location)
    with pytest.raises(OutsideError, match=r"redirects 'w\.bin' of Acme/Tiny-1B"):
        open_source(ID, patience=QUICK).read("w.bin")


def test_redirects_in_a_circle(hub: HubServer) -> None:
    hub.redirect("/api/models", f"/api/models/{ID}")
    with pytest.raises(OutsideError, match="in a circle"):
        open_source(ID, patience=QUICK).listing()
    assert len(hub.log) == 6


def test_contents_that_are_not_what_was_listed(hub: HubServer) -> None:
    hub.add(ID, {"config.json": b"{}", "w.bin": WEIGHTS}, lfs=["w.bin"])
    source = open_source(ID, patience=QUICK)
    hub.answer("/config.json", b"[]", times=1)
    hub.answer("/config.json", b"{} ", times=1)
    hub.answer("/config.json", b"{", times=1)
    hub.answer("/config.json", b"{}", times=1, X_Repo_Commit="c" * 40)
    for reason in (
        "does not match its Git object id",
        "more than 2 bytes",
        "has 1 bytes instead of",
        "another commit",
    ):
        with pytest.raises(OutsideError, match=reason):
            source.listing()
    assert source.listing().files is not None


@pytest.mark.parametrize("body", [WEIGHTS[::-1], WEIGHTS + b"x", WEIGHTS[:-1]])
def test_weights_that_are_not_what_was_listed(hub: HubServer, body: bytes) -> None:
    hub.add(ID, {"w.bin": WEIGHTS}, lfs=["w.bin"])
    hub.answer("/cdn/", body)
    source = open_source(ID, patience=QUICK)
    with pytest.raises(OutsideError):
        source.read("w.bin")
    if len(body) == len(WEIGHTS):
        # The digest of what is there is for its reader to compare.
        assert source.sha256("w.bin") == sha256(body)
    else:
        with pytest.raises(OutsideError, match="that were listed"):
            source.sha256("w.bin")


@pytest.mark.parametrize(
    ("span", "body"),
    [
        ("bytes 0-3/25600", b"abcd"),
        ("bytes 4-11/25600", b"abcdefgh"),
        ("bytes 4-5/25600", b"ab"),
        ("bytes 4-7/99", b"abcd"),
        ("bytes 7-4/25600", b""),
        ("items 4-7/25600", b"abcd"),
        ("bytes 4-7/25600", b"abc"),
        ("bytes 4-7/25600", b"abcde"),
    ],
)
def test_parts_that_are_not_what_was_asked_for(hub: HubServer, span: str, body: bytes) -> None:
    hub.add(ID, {"w.bin": WEIGHTS}, lfs=["w.bin"])
    hub.answer("/cdn/", body, status=206, Content_Range=span)
    with pytest.raises(OutsideError):
        open_source(ID, patience=QUICK).read("w.bin", start=4, length=4)


def test_links_that_contradict_the_listing(hub: HubServer) -> None:
    hub.add(ID, {"w.bin": WEIGHTS}, lfs=["w.bin"])
    source = open_source(ID, patience=QUICK)
    hub.answer("/resolve/", WEIGHTS, times=1, X_Linked_Etag=f'"{"0" * 64}"')
    hub.answer("/resolve/", WEIGHTS, times=1, X_Linked_Size="5")
    for reason in ("another SHA-256", "another size"):
        with pytest.raises(OutsideError, match=reason):
            source.sha256("w.bin")


def test_small_files_beyond_the_limits_stay_without_digest(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("budmodel.sources.huggingface.MAX_FETCHED_FILES", 3)
    hub.add(ID, {str(number): b"x" for number in range(5)})
    listing = open_source(ID, patience=QUICK).listing()
    assert listing.files is not None
    assert sum(file.sha256 is None for file in listing.files) == 2
    assert listing.notes == ("2 small files were too many to be hashed; they have no digest",)
