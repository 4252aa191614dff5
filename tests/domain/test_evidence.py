"""What a signature on a scan record covers, and when it is trusted."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from budmodel.domain.evidence import NAMESPACE, canonical, judge_signature, sign_scan, signed_bytes, statement
from budmodel.domain.manifest import manifest_sha256
from budmodel.domain.signers import SignerBook
from budmodel.domain.sshsig import PrivateKeyError, SignatureInvalidError, sign
from budmodel.schema.scan import FileVerdict, Scan
from budmodel.schema.version import File
from signing import KeyPair, signed

KEY, STRANGER = KeyPair.make(), KeyPair.make()
WHO = "scanner@example.org"
BOOK = KEY.book()
CONTENT = {"model.safetensors": b"weights", "config.json": b"{}", "ä.txt": b"text", "z.txt": b"z"}
FILES = [
    File(path=path, size=len(raw), sha256=hashlib.sha256(raw).hexdigest()) for path, raw in CONTENT.items()
]


def record(**fields: Any) -> Scan:
    data: dict[str, Any] = {
        "name": "m",
        "version": "1.0.0",
        "status": "PASSED",
        "manifest_sha256": manifest_sha256(FILES),
        "source": {"type": "s3", "uri": "s3://b/m/"},
        "locations": ["s3://b/m/"],
        "started": "2026-06-01T00:00:00Z",
        "finished": "2026-06-01T01:00:00Z",
        "engines": [{"name": "clamav", "version": "1.4", "database": {"date": "2026-05-31T00:00:00Z"}}],
        "files": [
            {"path": file.path, "engine": "clamav", "verdict": "clean"}
            | {"bytes_seen": file.size, "bytes_total": file.size}
            for file in FILES
        ],
        **fields,
    }
    return Scan.model_validate({key: value for key, value in data.items() if value is not None})


RECORD = record()
SIGNED = signed(RECORD, FILES, KEY)


def test_statement_is_an_in_toto_statement_of_every_file() -> None:
    made = statement(SIGNED, FILES)
    assert list(made) == ["_type", "subject", "predicateType", "predicate"]
    assert made["_type"] == "https://in-toto.io/Statement/v1"
    assert made["predicateType"] == "urn:budmodel:scan:v1"
    # By UTF-8 bytes: ä comes after z.
    assert [subject["name"] for subject in made["subject"]] == [
        "config.json",
        "model.safetensors",
        "z.txt",
        "ä.txt",
    ]
    assert made["subject"][0]["digest"] == {"sha256": hashlib.sha256(b"{}").hexdigest()}
    assert "signature" not in made["predicate"]
    assert made["predicate"]["manifest_sha256"] == manifest_sha256(FILES)
    assert made == statement(RECORD, list(reversed(FILES)))


def test_signed_bytes_are_canonical_json_and_cover_the_attempt() -> None:
    raw = signed_bytes(SIGNED, FILES)
    assert json.loads(raw) == statement(RECORD, FILES)
    assert raw == signed_bytes(Scan.model_validate(SIGNED.model_dump(mode="json")), FILES)
    attempt = {"started": "2026-07-01T00:00:00Z", "error": "clamd went away"}
    assert b"clamd went away" in signed_bytes(record(attempt=attempt), FILES)


def test_ssh_keygen_verifies_a_signed_record(tmp_path: Path) -> None:
    (tmp_path / "allowed").write_text(KEY.allowed())
    assert SIGNED.signature is not None
    (tmp_path / "sig").write_text(SIGNED.signature.sshsig)
    command = ["ssh-keygen", "-Y", "verify", "-f", str(tmp_path / "allowed"), "-I", WHO, "-n", NAMESPACE]
    command += ["-s", str(tmp_path / "sig")]
    assert subprocess.run(command, input=signed_bytes(SIGNED, FILES), check=False).returncode == 0
    assert subprocess.run(command, input=signed_bytes(SIGNED, FILES[1:]), check=False).returncode != 0


def test_trusted_signature() -> None:
    state = judge_signature(SIGNED, FILES, BOOK)
    assert (state.kind, state.signer, state.fingerprint) == ("trusted", WHO, KEY.public.fingerprint)
    assert state.reason == f"{WHO} signed with the key {KEY.public.fingerprint}"


def test_unsigned_record() -> None:
    state = judge_signature(RECORD, FILES, BOOK)
    assert (state.kind, state.signer, state.fingerprint) == ("unsigned", None, None)


OTHER_BYTES = "it was made over other bytes, or by another key than it names"


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "other"},
        {"version": "1.0.1"},
        {"status": "FAILED"},
        {"manifest_sha256": "0" * 64},
        {"source": {"type": "s3", "uri": "s3://b/other/"}},
        {"locations": ["s3://b/other/"]},
        {"started": None},
        {"finished": "2026-06-01T01:00:01Z"},
        {"engines": []},
        {"engines": [{"name": "clamav", "version": "1.4", "database": {"date": "2026-06-01T00:00:00Z"}}]},
        {"limits": [{"engine": "clamav", "window_bytes": 1, "canaries": 2}]},
        {"files": []},
        {"attempt": {"started": "2026-06-02T00:00:00Z"}},
    ],
)
def test_a_record_edited_by_hand_is_untrusted(fields: dict[str, Any]) -> None:
    edited = record(**fields).model_copy(update={"signature": SIGNED.signature})
    state = judge_signature(edited, FILES, BOOK)
    assert (state.kind, state.reason) == ("untrusted", OTHER_BYTES)


def test_other_files_than_those_that_were_scanned_are_untrusted() -> None:
    swapped = [FILES[0].model_copy(update={"sha256": "0" * 64}), *FILES[1:]]
    for files in (swapped, FILES[1:], [], [*FILES, File(path="more", size=1, sha256="0" * 64)]):
        assert judge_signature(SIGNED, files, BOOK).reason == OTHER_BYTES


def _signature_of(namespace: str = NAMESPACE) -> Scan:
    armored = sign(KEY.private, signed_bytes(RECORD, FILES), namespace)
    return SIGNED.model_copy(
        update={
            "signature": SIGNED.signature.model_copy(update={"sshsig": armored}) if SIGNED.signature else None
        }
    )


def test_forged_signatures_are_untrusted() -> None:
    stranger = signed(RECORD, FILES, STRANGER)
    other_space = _signature_of("git")
    impostor = signed(RECORD, FILES, KEY, "root@example.org")
    for scan, why in (
        (
            stranger,
            f"the key {STRANGER.public.fingerprint} is in no line of catalog/allowed_signers that trusts",
        ),
        (other_space, "it was made for the namespace 'git', not for 'budmodel-scan'"),
        (
            impostor,
            f"the key {KEY.public.fingerprint} is not one of 'root@example.org' in catalog/allowed_signers",
        ),
    ):
        state = judge_signature(scan, FILES, BOOK)
        assert (state.kind, state.reason) == ("untrusted", why)
    # Removing the line revokes all that the key signed.
    assert judge_signature(SIGNED, FILES, SignerBook.EMPTY).kind == "untrusted"


def test_the_signer_is_judged_when_the_scan_finished() -> None:
    for options, kind in (
        ('valid-before="20260601010000Z"', "trusted"),
        ('valid-before="20260601005959Z"', "untrusted"),
        ('valid-after="20260601010000Z"', "trusted"),
        ('valid-after="20260601010001Z"', "untrusted"),
    ):
        assert judge_signature(SIGNED, FILES, KEY.book(options=options)).kind == kind


@pytest.mark.parametrize(
    ("attempt", "kind"),
    [
        ({"started": "2026-06-01T00:00:00Z", "stopped": "2026-06-03T00:00:00Z"}, "untrusted"),
        ({"started": "2026-06-01T00:00:00Z", "stopped": "2026-06-01T12:00:00Z"}, "trusted"),
        ({"started": "2026-06-01T00:00:00Z"}, "trusted"),
        ({"started": "2026-06-03T00:00:00Z"}, "untrusted"),
        (None, "untrusted"),
    ],
)
def test_without_a_verdict_the_attempt_says_when(attempt: dict[str, str] | None, kind: str) -> None:
    scan = signed(record(status="SCANNING", finished=None, attempt=attempt), FILES, KEY)
    state = judge_signature(scan, FILES, KEY.book(options='valid-before="20260602Z"'))
    assert state.kind == kind
    if attempt is None:
        assert state.reason == "the record does not say when it was made"


def test_numbers_that_json_cannot_state_are_untrusted() -> None:
    """RFC 8785 §3.2.2.3: numbers are IEEE 754 doubles, so that 2^53 - 1 is the largest whole one."""
    # The schema refuses such a number already; what is signed must not rest on that.
    huge = FileVerdict.model_construct(
        path="a", engine="clamav", verdict="clean", bytes_seen=2**60, bytes_total=2**60
    )
    scan = record().model_copy(update={"files": [huge], "signature": SIGNED.signature})
    state = judge_signature(scan, FILES, BOOK)
    assert (state.kind, state.reason) == (
        "untrusted",
        "the record holds a number or a text that cannot be signed",
    )
    with pytest.raises(ValueError, match="exceeds"):
        sign_scan(scan, FILES, WHO, KEY.private)


def test_signing_again_replaces_the_signature_and_refuses_what_does_not_hold() -> None:
    again = sign_scan(SIGNED, FILES, "b", STRANGER.private)
    assert judge_signature(again, FILES, STRANGER.book("b")).kind == "trusted"
    with pytest.raises(PrivateKeyError):
        sign_scan(RECORD, FILES, WHO, b"no key")
    with pytest.raises(SignatureInvalidError):
        sign_scan(RECORD, FILES, WHO, lambda message: sign(KEY.private, message + b".", NAMESPACE))


def test_ten_thousand_records_build_the_key_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from cryptography.hazmat.primitives.asymmetric import ed25519

    from budmodel.domain import sshkeys

    built = []
    original = ed25519.Ed25519PublicKey.from_public_bytes

    def count(raw: bytes) -> ed25519.Ed25519PublicKey:
        built.append(raw)
        return original(raw)

    sshkeys._check.cache_clear()
    monkeypatch.setattr(ed25519.Ed25519PublicKey, "from_public_bytes", count)
    for _ in range(100):
        assert judge_signature(SIGNED, FILES, BOOK).kind == "trusted"
    assert len(built) == 1


@settings(max_examples=60)
@given(st.text(max_size=300), st.text(min_size=1, max_size=300))
def test_any_text_for_a_signature_is_untrusted(signer: str, armored: str) -> None:
    assert SIGNED.signature is not None
    stated = SIGNED.signature.model_copy(update={"signer": signer, "sshsig": armored})
    state = judge_signature(SIGNED.model_copy(update={"signature": stated}), FILES, BOOK)
    assert state.kind == "untrusted" and state.reason


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.integers(-(2**54), 2**54), st.text()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.text(st.characters(max_codepoint=127), max_size=5), inner, max_size=4),
    ),
)


@given(VALUES)
def test_our_canonical_form_is_that_of_the_library(value: Any) -> None:
    try:
        expected = rfc8785.dumps(value)
    except ValueError:
        with pytest.raises(ValueError, match=r"exceeds|surrogates"):
            canonical(value)
    else:
        assert canonical(value) == expected


@pytest.mark.parametrize("value", ["\ud800", {"a": ["x\udfff"]}, 2**53, [-(2**53)], {"a": 2**60}])
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    for dumps in (canonical, rfc8785.dumps):
        with pytest.raises(ValueError, match=r"exceeds|surrogates|UTF-8"):
            dumps(value)
    assert canonical([2**53 - 1, '\x00\x1f\x7f\u2028"\\/\b\f\n\r\t€😀']) == rfc8785.dumps(
        [2**53 - 1, '\x00\x1f\x7f\u2028"\\/\b\f\n\r\t€😀']
    )
