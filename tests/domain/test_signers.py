"""Who may sign: our reading of allowed_signers beside that of ``ssh-keygen -Y verify``."""

from __future__ import annotations

import subprocess
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budmodel.domain.signers import BYTES_MAX, LINES_MAX, SignerBook
from budmodel.domain.sshsig import sign
from signing import KeyPair

KEY, OTHER = KeyPair.make(), KeyPair.make("p256")
LINE = KEY.public_line
NOW = datetime(2026, 6, 1, 12, 30, 15, tzinfo=UTC)
NS = 'namespaces="budmodel-scan"'
MESSAGE = b"message"


def book(*lines: str) -> SignerBook:
    return SignerBook.parse("\n".join(lines).encode())


def ours(text: str, principal: str = "a@b.org", at: datetime = NOW, namespace: str = "budmodel-scan") -> bool:
    return SignerBook.parse(text.encode()).why_not(principal, KEY.public, at, namespace) is None


def theirs(
    folder: Path, text: str, principal: str = "a@b.org", at: datetime = NOW, namespace: str = "budmodel-scan"
) -> bool:
    """What ssh-keygen says, in UTC."""
    (folder / "allowed").write_text(text)
    (folder / "sig").write_text(sign(KEY.private, MESSAGE, namespace))
    command = ["ssh-keygen", "-Y", "verify", "-f", str(folder / "allowed"), "-I", principal, "-n", namespace]
    command += ["-s", str(folder / "sig"), "-O", f"verify-time={at:%Y%m%d%H%M%S}Z"]
    done = subprocess.run(command, input=MESSAGE, capture_output=True, check=False, env={"TZ": "UTC0"})
    return done.returncode == 0


SAME = [
    (f"a@b.org {NS} {LINE}", True),
    (f"a@b.org {NS} {LINE} a comment with words", True),
    (f"\t a@b.org \t {NS} \t {LINE}\n", True),
    (f"# a comment\n\n   # another\na@b.org {NS} {LINE}\n", True),
    (f"x@y.org,a@b.org,c {NS} {LINE}", True),
    (f'"x@y.org,a@b.org" {NS} {LINE}', True),
    (f'"a@b.org" {NS} {LINE}', True),
    (f"A@B.org {NS} {LINE}", False),
    (f"a@b.or {NS} {LINE}", False),
    (f"a@b.org {NS} {OTHER.public_line}", False),
    (f"a@b.org {NS} {OTHER.public_line}\na@b.org {NS} {LINE}", True),
    (f'a@b.org namespaces="git" {LINE}', False),
    (f'a@b.org namespaces="git,budmodel-scan,file" {LINE}', True),
    (f'a@b.org namespaces="git, budmodel-scan" {LINE}', False),
    (f'a@b.org namespaces="" {LINE}', False),
    (f'a@b.org NAMESPACES="budmodel-scan" {LINE}', True),
    (f'a@b.org namespaces="Budmodel-Scan" {LINE}', False),
    (f"a@b.org namespaces=budmodel-scan {LINE}", False),
    (f'a@b.org namespaces="budmodel-scan {LINE}', False),
    (f'a@b.org namespaces="budmodel-scan", {LINE}', False),
    (f"a@b.org {NS},{NS} {LINE}", False),
    (f'a@b.org {NS},unknown="x" {LINE}', False),
    (f"a@b.org {NS},unknown {LINE}", False),
    (f"a@b.org {NS}", False),
    (f"a@b.org {NS} ssh-ed25519", False),
    (f"a@b.org {NS} ssh-ed25519 AAAA", False),
    (f"a@b.org {NS} ssh-rsa {LINE.split()[1]}", False),
    (f"a@b.org {NS} {LINE[:-8]}", False),
    ("a@b.org", False),
    ("", False),
    # A key that is retired or not yet in use, in each way to write a time.
    (f'a@b.org {NS},valid-after="20260601Z" {LINE}', True),
    (f'a@b.org {NS},valid-after="20260602Z" {LINE}', False),
    (f'a@b.org {NS},valid-after="202606011230Z" {LINE}', True),
    (f'a@b.org {NS},valid-after="202606011231Z" {LINE}', False),
    (f'a@b.org {NS},valid-after="20260601123015Z" {LINE}', True),
    (f'a@b.org {NS},valid-after="20260601123016Z" {LINE}', False),
    (f'a@b.org {NS},valid-before="20260601Z" {LINE}', False),
    (f'a@b.org {NS},valid-before="20260602Z" {LINE}', True),
    (f'a@b.org {NS},valid-before="20260601123015Z" {LINE}', True),
    (f'a@b.org {NS},valid-before="20260601123014Z" {LINE}', False),
    (f'a@b.org {NS},valid-before="20260601123014" {LINE}', False),
    (f'a@b.org {NS},valid-before="20260602" {LINE}', True),
    (f'a@b.org valid-before="20270101z",{NS},valid-after="20260101z" {LINE}', True),
    (f'a@b.org {NS},valid-after="20270101Z",valid-before="20260101Z" {LINE}', False),
    (f'a@b.org {NS},valid-before="20261301Z" {LINE}', False),
    (f'a@b.org {NS},valid-before="tomorrow" {LINE}', False),
    (f'a@b.org {NS},valid-before="" {LINE}', False),
    (f'a@b.org {NS},valid-before="2026" {LINE}', False),
    (f"a@b.org {NS},valid-before=20270101Z {LINE}", False),
]


@pytest.mark.parametrize(("text", "trusted"), SAME, ids=[str(at) for at in range(len(SAME))])
def test_we_say_what_ssh_keygen_says(text: str, trusted: bool, tmp_path: Path) -> None:
    assert (ours(text), theirs(tmp_path, text)) == (trusted, trusted)


STRICTER = [
    (f"a@b.org {LINE}", 'write namespaces="budmodel-scan" before the key, so that it signs nothing else'),
    (f"*@b.org {NS} {LINE}", "wildcards and ! are not allowed; name every principal itself"),
    (f"a@b.or? {NS} {LINE}", "wildcards and ! are not allowed; name every principal itself"),
    (f"!x,a@b.org {NS} {LINE}", "wildcards and ! are not allowed; name every principal itself"),
    (f'a@b.org namespaces="*" {LINE}', "wildcards and ! are not allowed; name every namespace itself"),
    (
        f'a@b.org namespaces="!git,budmodel-scan" {LINE}',
        "wildcards and ! are not allowed; name every namespace itself",
    ),
    (
        f'a@b.org namespaces="budmodel-scan, git" {LINE}',
        "a namespace is empty or has a space beside it; write them as a,b",
    ),
    (f",a@b.org {NS} {LINE}", "a principal is empty or has a space beside it; write them as a,b"),
    (
        f'a@b.org {NS},valid-before="20270101UTC" {LINE}',
        "valid-before is no time; write it as 20261231Z or 202612312359Z",
    ),
    (f"a@b.org {NS} {LINE} \x07", "the line has characters that cannot be seen"),
]


# The texts hold keys made anew in each process: they must not name the tests, which workers compare.
@pytest.mark.parametrize(("text", "problem"), STRICTER, ids=[str(at) for at in range(len(STRICTER))])
def test_where_we_are_stricter_the_line_trusts_nobody_and_says_why(
    text: str, problem: str, tmp_path: Path
) -> None:
    assert theirs(tmp_path, text) or "UTC" in text  # OpenSSH 9.2 does not know that suffix yet
    found = SignerBook.parse(text.encode())
    assert found.why_not("a@b.org", KEY.public, NOW) is not None
    assert [(one.line, one.message) for one in found.problems] == [(1, problem)]


def test_certificate_authorities_are_refused() -> None:
    found = book(f"a@b.org cert-authority,{NS} {LINE}")
    assert found.lines == ()
    assert found.problems[0].message == "cert-authority is not allowed here; name every key itself"


def test_times_without_zone_are_utc_whatever_the_machine_says(tmp_path: Path) -> None:
    text = f'a@b.org {NS},valid-before="202606011230" {LINE}'
    found = SignerBook.parse(text.encode())
    assert found.why_not("a@b.org", KEY.public, datetime(2026, 6, 1, 12, 30, tzinfo=UTC)) is None
    assert found.why_not("a@b.org", KEY.public, datetime(2026, 6, 1, 12, 31, tzinfo=UTC)) is not None


def test_every_reason_is_a_sentence_part() -> None:
    found = book(
        f'a namespaces="budmodel-scan",valid-after="20260101Z",valid-before="20261231Z" {LINE}',
        f'b namespaces="git" {OTHER.public_line}',
    )
    key = KEY.public.fingerprint
    assert found.why_not("a", KEY.public, NOW) is None
    assert found.why_not("a", KeyPair.make().public, NOW, "x") is not None
    assert (
        found.why_not("b", KEY.public, NOW) == f"the key {key} is not one of 'b' in catalog/allowed_signers"
    )
    assert found.why_not("b", OTHER.public, NOW) == (
        f"the key {OTHER.public.fingerprint} may not sign for the namespace 'budmodel-scan'"
    )
    assert found.why_not("a", KEY.public, NOW - timedelta(days=365)) == (
        f"the key {key} of a was not valid before 2026-01-01T00:00:00Z"
    )
    assert found.why_not("a", KEY.public, NOW + timedelta(days=365)) == (
        f"the key {key} of a was retired at 2026-12-31T00:00:00Z"
    )
    assert SignerBook.EMPTY.why_not("a", KEY.public, NOW) == (
        f"the key {key} is in no line of catalog/allowed_signers that trusts"
    )
    assert found.principals(KEY.public) == ("a",)
    assert found.principals(OTHER.public) == ()
    assert found.principals(OTHER.public, "git") == ("b",)
    assert found.trusts_anybody() and not SignerBook.EMPTY.trusts_anybody()


def test_one_line_alone_speaks_for_a_principal_and_a_key(tmp_path: Path) -> None:
    """Stricter than OpenSSH: a forgotten second line would undo a retirement."""
    text = f'a@b.org {NS},valid-before="20260101Z" {LINE}\nx,a@b.org {NS} {LINE}\n'
    assert theirs(tmp_path, text)
    found = SignerBook.parse(text.encode())
    assert found.why_not("a@b.org", KEY.public, NOW) is not None
    assert [(one.line, one.message) for one in found.problems] == [
        (2, "a@b.org has this key already in line 1, which alone counts; keep one of them")
    ]


def test_a_key_may_be_of_several_and_a_principal_may_have_several() -> None:
    found = book(
        f"a {NS} {LINE}",
        f'a namespaces="git" {LINE}',
        f"a {NS} {OTHER.public_line}",
        f"b,c {NS} {LINE}",
    )
    assert found.problems == ()
    assert found.principals(KEY.public) == ("a", "b", "c")
    assert found.why_not("a", OTHER.public, NOW) is None
    assert found.why_not("a", KEY.public, NOW, "git") is None


def test_one_bad_line_does_not_hide_the_others() -> None:
    raw = b"\xff\xfe\n" + f"* {LINE}\r\na@b.org {NS} {LINE}\r\n".encode() + b"x" * 20_000
    found = SignerBook.parse(raw)
    assert found.why_not("a@b.org", KEY.public, NOW) is None
    assert [(one.line, one.message) for one in found.problems] == [
        (1, "the line is not UTF-8"),
        (2, "wildcards and ! are not allowed; name every principal itself"),
        (4, "the line has more than 16384 bytes"),
    ]


def test_sizes_are_bounded() -> None:
    assert (
        SignerBook.parse(b"x" * (BYTES_MAX + 1)).problems[0].message == "the file has more than 1048576 bytes"
    )
    found = SignerBook.parse(b"\n" * LINES_MAX + f"a@b.org {NS} {LINE}".encode())
    assert found.lines == ()
    assert [one.line for one in found.problems] == [LINES_MAX + 1]
    many = ",".join(f"a{number}" for number in range(101))
    assert book(f"{many} {NS} {LINE}").problems[0].message == "a line names at most 100 principals"


def test_weak_keys_trust_nobody() -> None:
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    weak = rsa.generate_private_key(65537, 1024).public_key()
    line = weak.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    assert "1024 bits may not sign" in book(f"a {NS} {line}").problems[0].message


@given(st.binary(max_size=300))
def test_any_bytes_are_a_book(raw: bytes) -> None:
    found = SignerBook.parse(raw)
    assert found.why_not("a", KEY.public, NOW) is not None


SIGNS = ["\n", "\r", "\t", " ", ",", '"', "\\", "*", "!", "#", "="]
WORDS = ["a@b.org", NS, "namespaces=", "cert-authority", "valid-before=", '"20270101Z"', "ssh-ed25519"]
PIECES = st.sampled_from([*SIGNS, *WORDS, LINE, LINE.split()[1]])


@given(st.lists(PIECES, max_size=12))
def test_lines_of_pieces_never_break_the_reader(pieces: list[str]) -> None:
    found = SignerBook.parse("".join(pieces).encode())
    trusted = found.why_not("a@b.org", KEY.public, NOW) is None
    # Whoever is trusted stands in a line that says so in full.
    assert not trusted or (NS in pieces or '"budmodel-scan"' in "".join(pieces))


TIMES = ['valid-after="20260601Z"', 'valid-before="20260601123015Z"', 'valid-before="20260101Z"']
SPACES = [NS, 'namespaces="git,budmodel-scan"', 'Namespaces="budmodel-scan"', 'namespaces="a\\"b"']
OPTIONS = st.sampled_from([*SPACES, *TIMES, "cert-authority", 'x="y"'])
NAMES = st.sampled_from(
    ["a@b.org", "x,a@b.org", '"a@b.org,y"', '"a@b.org" ', "a@b.org,", "*", '"a@b.org', "b"]
)


@settings(max_examples=60, deadline=None)
@given(
    NAMES,
    st.lists(OPTIONS, max_size=3),
    st.sampled_from([",", ", ", " ,", ",,"]),
    st.sampled_from([LINE, ""]),
)
def test_whoever_we_trust_ssh_keygen_trusts(name: str, options: list[str], comma: str, key: str) -> None:
    text = f"{name} {comma.join(options)} {key}\n"
    if ours(text):
        with tempfile.TemporaryDirectory() as folder:
            assert theirs(Path(folder), text)
