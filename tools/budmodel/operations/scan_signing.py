"""Who signs scan records here: a key file, the text of a key, or a key that an ssh-agent holds.

No message of this module quotes what it was given, as a mangled secret looks like a path that does not exist.
"""

from __future__ import annotations

import os
import re
import stat
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from budmodel.domain.signers import NAMESPACE, SignerBook
from budmodel.domain.sshkeys import ALGORITHMS, PublicKey, read_public_line
from budmodel.domain.sshsig import PrivateKeyError, SignatureInvalidError, public_key_of, sign, signer_of
from budmodel.domain.sshwire import WireError
from budmodel.errors import OutsideError, UsageError

VARIABLE = "BUDMODEL_SIGNING_KEY"
_KEY_MAX = 65_536
_AGENT_SECONDS = 60
"""How long an agent may take: it may ask somebody to touch a security token."""
_comment = re.compile(r"[A-Za-z0-9@._+-]{1,200}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanSigner:
    """Somebody who signs: ``sign_scan(record, files, signer.name, signer.sign)``."""

    name: str
    """The principal in ``catalog/allowed_signers``, or how the key calls itself where it is in no line."""
    key: PublicKey
    sign: Callable[[bytes], str]
    """The armored signature over a message. Raises OutsideError where an agent does not answer."""
    notes: tuple[str, ...] = ()
    """What people should be told: nobody trusts the key yet, others may read its file."""


def load_signer(
    text: str | None,
    *,
    signers: SignerBook = SignerBook.EMPTY,
    name: str | None = None,
    environ: Mapping[str, str] | None = None,
) -> ScanSigner | None:
    """Whoever the command line or the environment says signs; None where neither says anybody.

    Args:
        text: of ``--key``: the path of a private key, or of a public one whose private half an agent holds,
            or the key itself; None reads BUDMODEL_SIGNING_KEY in the same way.
        signers: who may sign; says under which name the key does.
        name: of ``--signer``, where the key is of several.
        environ: the environment; None is that of this process.

    Raises:
        UsageError: the key cannot be read or used.
        OutsideError: the agent does not have it.
    """
    env = os.environ if environ is None else environ
    origin = "--key" if text is not None else VARIABLE
    stated = text if text is not None else env.get(VARIABLE)
    if not stated:
        if text is not None:
            raise UsageError("--key is empty; name a private key, or leave it out")
        return None
    raw, path = _read(stated, origin)
    notes: list[str] = []
    if b"PRIVATE KEY-----" in raw:
        key, make, comment = _from_private(raw, path, origin, env)
        notes += _warnings(path)
    else:
        key, comment = _public(raw, origin)
        make = partial(_by_agent, key, env)
    principal, more = _principal(key, comment, name, signers)
    return ScanSigner(name=principal, key=key, sign=make, notes=(*notes, *more))


def _read(stated: str, origin: str) -> tuple[bytes, Path | None]:
    """The text of a key, and the file that it was read from."""
    if "PRIVATE KEY-----" in stated or stated.split(" ", 1)[0] in ALGORITHMS:
        # A secret of a CI service may come with other line ends, or none at the end.
        return "\n".join([*stated.strip().splitlines(), ""]).encode("utf-8", "replace"), None
    path = Path(stated).expanduser()
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise UsageError(f"{origin} names something that is no file; name a private key")
        with path.open("rb") as file:
            raw = file.read(_KEY_MAX + 1)
    except (OSError, ValueError):
        raise UsageError(
            f"{origin} is neither a private key nor a file that can be read; make a key with "
            "ssh-keygen -t ed25519 -f PATH and name that path"
        ) from None
    if len(raw) > _KEY_MAX:
        raise UsageError(f"{origin} names a file of more than {_KEY_MAX} bytes, which is no key")
    return raw, path


def _from_private(
    raw: bytes, path: Path | None, origin: str, env: Mapping[str, str]
) -> tuple[PublicKey, Callable[[bytes], str], str]:
    comment = ""
    try:
        key = public_key_of(raw)
    except PrivateKeyError as error:
        return _protected(path, f"{origin}: {error}", env)
    if path is not None:
        beside = _beside(path)
        comment = beside[1] if beside is not None and beside[0] == key else ""

    def make(message: bytes) -> str:
        return sign(raw, message, NAMESPACE)

    return key, make, comment


def _protected(
    path: Path | None, why: str, env: Mapping[str, str]
) -> tuple[PublicKey, Callable[[bytes], str], str]:
    """A private key that cannot be opened here: its public half beside it names it to an agent."""
    beside = _beside(path) if path is not None else None
    if beside is None or not env.get("SSH_AUTH_SOCK"):
        raise UsageError(f"{why}; add it to an ssh-agent with ssh-add and name its .pub file instead")
    key, comment = beside
    return key, partial(_by_agent, key, env), comment


def _beside(path: Path) -> tuple[PublicKey, str] | None:
    try:
        with Path(f"{path}.pub").open("rb") as file:
            return read_public_line(file.read(_KEY_MAX).decode("utf-8"))
    except (OSError, ValueError):
        return None


def _public(raw: bytes, origin: str) -> tuple[PublicKey, str]:
    try:
        return read_public_line(raw.decode("utf-8"))
    except (WireError, UnicodeDecodeError) as error:
        why = f" ({error})" if isinstance(error, WireError) else ""
        raise UsageError(
            f"{origin} holds neither a private key nor a public one{why}; make one with ssh-keygen -t ed25519"
        ) from None


def _warnings(path: Path | None) -> list[str]:
    # ssh-keygen refuses such a file; a mounted CI secret often is one, and the harm is done anyway.
    if path is not None and os.name == "posix" and path.stat().st_mode & 0o077:
        return [f"others can read {path}; run chmod 600 on it"]
    return []


def _principal(
    key: PublicKey, comment: str, name: str | None, signers: SignerBook
) -> tuple[str, tuple[str, ...]]:
    known = signers.principals(key)
    if name is None and len(known) > 1:
        raise UsageError(f"the key is of {', '.join(known[:5])}; say who signs with --signer NAME")
    chosen = name or (known[0] if known else comment if _comment.fullmatch(comment) else key.fingerprint)
    if chosen in known:
        return chosen, ()
    if len(chosen) > 400 or not re.fullmatch(r"[^\s\",*?!]+", chosen):
        raise UsageError('a signer is one word without quotes, commas, *, ? and !, such as "ci@example.org"')
    line = f'{chosen} namespaces="{NAMESPACE}" {key.line}'
    return chosen, (f"nobody trusts this key yet: add this line to catalog/allowed_signers: {line}",)


def _by_agent(key: PublicKey, env: Mapping[str, str], message: bytes) -> str:
    """Lets ``ssh-keygen`` ask the agent; it never prompts, as it has no terminal.

    Raises:
        OutsideError: there is no agent, or it does not sign with the key.
    """
    if not env.get("SSH_AUTH_SOCK"):
        raise OutsideError(
            "a public key signs through an ssh-agent, but SSH_AUTH_SOCK names none; start one and run ssh-add"
        )
    kept = {name: env[name] for name in ("PATH", "HOME", "SSH_AUTH_SOCK") if name in env}
    with tempfile.TemporaryDirectory(prefix="budmodel-key-") as folder:
        public = Path(folder) / "key.pub"
        public.write_text(f"{key.line}\n", encoding="ascii")
        command = ["ssh-keygen", "-Y", "sign", "-q", "-n", NAMESPACE, "-f", str(public)]
        try:
            done = subprocess.run(  # noqa: S603 - a fixed command; nothing of it comes from outside
                command,
                input=message,
                env={**kept, "LC_ALL": "C", "SSH_ASKPASS_REQUIRE": "never"},
                capture_output=True,
                timeout=_AGENT_SECONDS,
                start_new_session=True,
                check=False,
            )
        except FileNotFoundError:
            raise OutsideError("signing through an agent needs ssh-keygen; install OpenSSH") from None
        except subprocess.TimeoutExpired:
            raise OutsideError(
                f"the ssh-agent did not sign within {_AGENT_SECONDS} seconds; touch the token, or try again"
            ) from None
    if done.returncode != 0:
        raise OutsideError(
            f"the ssh-agent does not sign with the key {key.fingerprint}; run ssh-add with its private key"
        )
    armored = done.stdout.decode("ascii", "replace")
    try:
        made_by = signer_of(armored, message, NAMESPACE)
    except SignatureInvalidError as error:
        raise OutsideError(f"what the ssh-agent signed does not hold: {error}; try another key") from None
    if made_by != key:
        raise OutsideError("the ssh-agent signed with another key than it was asked to; try another agent")
    return armored
