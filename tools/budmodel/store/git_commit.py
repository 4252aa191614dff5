"""A commit object as Git stores it: who wrote it, who put it there, and what a signature in it is made over.

Git itself is not asked about signatures: it would start the programs that a repository's configuration names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from budmodel.store.git import utc

_SIGNATURES = (b"gpgsig", b"gpgsig-sha256")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody as a commit names them, which anybody can claim; and when, RFC 3339 in UTC."""

    name: str
    email: str
    time: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitObject:
    """What a commit says of itself."""

    author: Person
    """Who wrote the change."""
    committer: Person
    """Who made the commit."""
    parents: int
    subject: str
    signature: str | None
    """The armored signature, of whatever kind."""
    payload: bytes
    """What the signature is made over: the commit without it."""


def parse_commit(raw: bytes) -> CommitObject:
    """Reads a commit object (gitformat-signature(5)); what cannot be read becomes empty."""
    head, _, message = raw.partition(b"\n\n")
    headers = list(_headers(head))
    by_name = dict(reversed(headers))
    signature = by_name.get(b"gpgsig")
    kept = b"\n".join(
        name + b" " + value.replace(b"\n", b"\n ") for name, value in headers if name not in _SIGNATURES
    )
    return CommitObject(
        author=_person(by_name.get(b"author", b"")),
        committer=_person(by_name.get(b"committer", b"")),
        parents=sum(name == b"parent" for name, _ in headers),
        subject=_text(message.lstrip(b"\n").partition(b"\n")[0]),
        signature=_text(signature) if signature is not None else None,
        payload=kept + b"\n\n" + message,
    )


def _headers(head: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names and values; a line that begins with a blank goes on the value before."""
    found: list[bytes] = []
    for line in head.split(b"\n"):
        if line.startswith(b" ") and found:
            found[-1] += b"\n" + line[1:]
        else:
            found.append(line)
    for line in found:
        name, _, value = line.partition(b" ")
        yield name, value


def _person(value: bytes) -> Person:
    who, _, when = value.rpartition(b"> ")
    name, _, email = who.partition(b" <")
    stamp = when.split(b" ")[0]
    try:
        time = utc(stamp.decode("ascii"))
    except (ValueError, OverflowError, OSError):
        time = ""
    return Person(name=_text(name), email=_text(email), time=time)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
