"""Who signs: key files, the text of a key, and a real ssh-agent."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from budmodel.domain.evidence import NAMESPACE
from budmodel.domain.signers import SignerBook
from budmodel.domain.sshsig import sign, signer_of
from budmodel.errors import OutsideError, UsageError
from budmodel.operations.scan_signing import VARIABLE, ScanSigner, load_signer
from signing import KeyPair

KEY = KeyPair.make()
MESSAGE = b"message"


def write(folder: Path, key: KeyPair = KEY, comment: str = "ci@example.org", name: str = "key") -> Path:
    path = folder / name
    path.write_bytes(key.private)
    path.chmod(0o600)
    Path(f"{path}.pub").write_text(f"{key.public_line} {comment}\n")
    return path


def load(text: str | None, *, signers: SignerBook = SignerBook.EMPTY, **options: str) -> ScanSigner:
    name = options.pop("name", None)
    found = load_signer(text, signers=signers, name=name, environ=options)
    assert found is not None
    return found


def holds(signer: ScanSigner, key: KeyPair = KEY) -> bool:
    return signer_of(signer.sign(MESSAGE), MESSAGE, NAMESPACE) == key.public == signer.key


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[str]:
    """A real ssh-agent without keys. Its folder has a short name, as that of a socket has a limit."""
    folder = Path(tempfile.mkdtemp(prefix="agent-"))
    socket = folder / "s"
    child = subprocess.Popen(
        ["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.PIPE, env={"HOME": str(tmp_path)}
    )
    assert child.stdout is not None
    child.stdout.readline()
    yield str(socket)
    child.terminate()
    child.wait()
    child.stdout.close()
    socket.unlink(missing_ok=True)
    folder.rmdir()


def add(agent: str, path: Path) -> None:
    subprocess.run(
        ["ssh-add", "-q", str(path)], env={"SSH_AUTH_SOCK": agent}, check=True, capture_output=True
    )


def test_nobody_signs_where_nobody_is_named() -> None:
    assert load_signer(None, environ={}) is None
    assert load_signer(None, environ={VARIABLE: ""}) is None
    with pytest.raises(UsageError, match="--key is empty"):
        load_signer("", environ={VARIABLE: "x"})


def test_a_key_file_is_named_as_its_line_says(tmp_path: Path) -> None:
    found = load(str(write(tmp_path)), signers=KEY.book("scanner@example.org"))
    assert (found.name, found.notes) == ("scanner@example.org", ())
    assert holds(found)
    assert holds(load(None, **{VARIABLE: str(tmp_path / "key")}))


def test_an_unknown_key_is_named_by_its_comment_and_the_line_to_add_is_told(tmp_path: Path) -> None:
    found = load(str(write(tmp_path)))
    assert found.name == "ci@example.org"
    (note,) = found.notes
    head = "nobody trusts this key yet: add this line to catalog/allowed_signers: "
    assert note.startswith(head)
    # The line that is told does what it says.
    assert SignerBook.parse(note.removeprefix(head).encode()).principals(KEY.public) == ("ci@example.org",)
    (tmp_path / "key.pub").unlink()
    assert load(str(tmp_path / "key")).name == KEY.public.fingerprint
    assert load(str(write(tmp_path, comment="two words"))).name == KEY.public.fingerprint
    assert load(str(tmp_path / "key"), name="me").name == "me"
    with pytest.raises(UsageError, match="a signer is one word"):
        load(str(tmp_path / "key"), name='a" cert-authority')


def test_a_key_of_several_needs_a_name(tmp_path: Path) -> None:
    book = KEY.book("a@example.org,b@example.org")
    path = str(write(tmp_path))
    with pytest.raises(UsageError, match=r"the key is of a@example.org, b@example.org; say who signs"):
        load(path, signers=book)
    assert load(path, signers=book, name="b@example.org").notes == ()


@pytest.mark.parametrize("change", [str, lambda text: text.replace("\n", "\r\n"), str.strip])
def test_the_text_of_a_key_in_the_environment(change: type[str]) -> None:
    assert holds(load(None, **{VARIABLE: change(KEY.private.decode())}))


def test_a_key_that_others_can_read_is_remarked_on(tmp_path: Path) -> None:
    path = write(tmp_path)
    path.chmod(0o640)
    assert f"others can read {path}; run chmod 600 on it" in load(str(path)).notes


SECRET = "b3BlbnNzaC1rZXktdjEAAAAAsecret"


@pytest.mark.parametrize("origin", ["--key", VARIABLE])
@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        SECRET * 500,
        f"-----BEGIN OPENSSH PRIVATE KEY-----\n{SECRET}\n-----END OPENSSH PRIVATE KEY-----\n",
        f"-----BEGIN OPENSSH PRIVATE KEY----- {SECRET} -----END OPENSSH PRIVATE KEY-----",
        f"ssh-ed25519 {SECRET}",
        f"\0{SECRET}",
        "/dev/null",
        "/",
    ],
)
def test_what_is_no_key_is_refused_and_never_quoted(origin: str, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_signer(text if origin == "--key" else None, environ={VARIABLE: text})
    assert str(caught.value).startswith(origin)
    assert "secret" not in str(caught.value)


def test_files_that_hold_no_key_are_refused_and_never_quoted(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for raw in (b"", b"secret", b"secret" * 20_000, b"\xff secret", b"ssh-rsa secret"):
        path.write_bytes(raw)
        with pytest.raises(UsageError) as caught:
            load(str(path))
        assert "secret" not in str(caught.value)


def test_a_public_key_signs_through_an_agent(tmp_path: Path, agent: str) -> None:
    for kind in ("ed25519", "p256", "rsa"):
        key = KeyPair.make(kind)
        path = write(tmp_path, key, name=kind)
        add(agent, path)
        path.unlink()
        for text in (f"{path}.pub", key.public_line):
            found = load(text, signers=key.book(), PATH=os.environ["PATH"], SSH_AUTH_SOCK=agent)
            assert found.name == "scanner@example.org"
            assert holds(found, key)
            if kind != "p256":
                assert found.sign(MESSAGE) == sign(key.private, MESSAGE, NAMESPACE)


def test_an_agent_without_the_key_is_no_signature(tmp_path: Path, agent: str) -> None:
    found = load(f"{write(tmp_path)}.pub", PATH=os.environ["PATH"], SSH_AUTH_SOCK=agent)
    with pytest.raises(OutsideError, match="the ssh-agent does not sign with the key SHA256:"):
        found.sign(MESSAGE)
    gone = load(KEY.public_line, PATH=os.environ["PATH"], SSH_AUTH_SOCK=str(tmp_path / "none"))
    with pytest.raises(OutsideError, match="the ssh-agent does not sign with the key SHA256:"):
        gone.sign(MESSAGE)
    with pytest.raises(OutsideError, match="SSH_AUTH_SOCK names none"):
        load(KEY.public_line).sign(MESSAGE)
    with pytest.raises(OutsideError, match="needs ssh-keygen"):
        load(KEY.public_line, PATH=str(tmp_path), SSH_AUTH_SOCK=agent).sign(MESSAGE)


def test_a_key_with_a_passphrase_signs_through_an_agent_or_says_how(tmp_path: Path, agent: str) -> None:
    path = write(tmp_path)
    add(agent, path)
    locked = ["ssh-keygen", "-q", "-p", "-N", "a passphrase", "-f", str(path)]
    subprocess.run(locked, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    assert holds(load(str(path), PATH=os.environ["PATH"], SSH_AUTH_SOCK=agent))
    with pytest.raises(UsageError) as caught:
        load(str(path))
    assert re.fullmatch(
        r"--key: the private key is protected by a passphrase; add it to an ssh-agent with ssh-add and name "
        r"its \.pub file instead",
        str(caught.value),
    )
