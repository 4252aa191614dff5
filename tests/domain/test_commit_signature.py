"""Signatures of commits: trusted only where a key of allowed_signers made them for Git."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budmodel.domain.commit_signature import judge_commit
from budmodel.domain.signers import SignerBook
from budmodel.domain.sshsig import sign
from budmodel.store.git_commit import parse_commit
from signing import KeyPair

KEY = KeyPair.make()
BOOK = SignerBook.parse(f'ada@example.org namespaces="git" {KEY.public_line}\n'.encode())
AT = datetime(2026, 1, 1, tzinfo=UTC)
TREE = b"tree " + b"1" * 40
WHO = b"Ada <ada@example.org> 1767225600 +0100"
HEAD = TREE + b"\nparent " + b"2" * 40 + b"\nauthor " + WHO + b"\ncommitter " + WHO


def commit(signature: str | None, head: bytes = HEAD, message: bytes = b"Say it\n\nBody\n") -> bytes:
    lines = signature.rstrip("\n").replace("\n", "\n ").encode() if signature is not None else b""
    return head + (b"\ngpgsig " + lines if lines else b"") + b"\n\n" + message


def state(raw: bytes, book: SignerBook = BOOK) -> str:
    found = parse_commit(raw)
    return judge_commit(found.signature, found.payload, book, AT).kind


def test_a_commit_is_read() -> None:
    found = parse_commit(commit(None))
    assert (found.author.name, found.author.email) == ("Ada", "ada@example.org")
    assert (found.author.time, found.parents, found.subject) == ("2026-01-01T00:00:00Z", 1, "Say it")
    assert found.signature is None
    assert found.payload == commit(None)


def test_the_signature_of_a_known_key_is_trusted_and_no_other_byte_may_change() -> None:
    raw = commit(sign(KEY.private, commit(None), "git"))
    assert state(raw) == "trusted"
    assert state(raw.replace(b"Say it", b"Say no")) == "untrusted"
    assert state(raw.replace(b"Ada <", b"Eve <")) == "untrusted"
    assert state(raw, SignerBook.EMPTY) == "untrusted"
    assert state(commit(sign(KEY.private, commit(None), "budmodel-scan"))) == "untrusted"
    assert state(commit(sign(KeyPair.make().private, commit(None), "git"))) == "untrusted"


@pytest.mark.parametrize(
    ("armored", "word"),
    [
        ("-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----", "OpenPGP"),
        ("-----BEGIN SIGNED MESSAGE-----\nabc\n-----END SIGNED MESSAGE-----", "X.509"),
    ],
)
def test_other_kinds_are_named_and_never_taken_for_good(armored: str, word: str) -> None:
    found = parse_commit(commit(armored))
    judged = judge_commit(found.signature, found.payload, BOOK, AT)
    assert (judged.kind, judged.signer) == ("unverified", None)
    assert word in judged.reason


@given(st.binary(max_size=300))
def test_no_bytes_are_trusted_or_raise(raw: bytes) -> None:
    for head in (raw, HEAD + b"\n" + raw, HEAD + b"\ngpgsig " + raw):
        assert state(head) != "trusted"
