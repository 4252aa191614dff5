"""Whether somebody whom the registry knows signed a commit.

``catalog/allowed_signers`` decides, by the namespace ``git``, which Git signs commits for (git-config(1),
gpg.ssh.allowedSignersFile). Only SSH signatures are verified, in this process; OpenPGP and X.509 signatures
are named and left to others, and are never taken for good.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from budmodel.domain.signers import SignerBook
from budmodel.domain.sshsig import BEGIN, SignatureInvalidError, signer_of

NAMESPACE = "git"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitSignature:
    """What is known of a commit's signature."""

    kind: Literal["trusted", "unsigned", "untrusted", "unverified"]
    """``unverified``: a signature of a kind that is not verified here."""
    signer: str | None
    """Whom the key belongs to; only where it is trusted."""
    reason: str
    """As a part of a sentence, for people."""


def judge_commit(signature: str | None, payload: bytes, signers: SignerBook, at: datetime) -> CommitSignature:
    """Whether a commit was signed by somebody who could do so then.

    Args:
        signature: the armored signature of the commit; None where it has none.
        payload: the commit without it.
        signers: from the catalog that judges.
        at: when the commit was made, as it says.
    """
    if signature is None:
        return _state("unsigned", "the commit is not signed")
    if not signature.lstrip().startswith(BEGIN):
        kind = "OpenPGP" if "PGP" in signature[:100] else "X.509"
        return _state("unverified", f"the commit has an {kind} signature, which is not verified here")
    try:
        key = signer_of(signature, payload, NAMESPACE)
    except SignatureInvalidError as error:
        return _state("untrusted", str(error))
    names = signers.principals(key, NAMESPACE)
    if not names:
        return _state("untrusted", f"catalog/allowed_signers has no key {key.fingerprint} for {NAMESPACE}")
    reasons = {name: signers.why_not(name, key, at, NAMESPACE) for name in names}
    trusted = next((name for name, reason in reasons.items() if reason is None), None)
    if trusted is None:
        return _state("untrusted", str(reasons[names[0]]))
    return CommitSignature(
        kind="trusted", signer=trusted, reason=f"signed by {trusted} with {key.fingerprint}"
    )


def _state(kind: Literal["unsigned", "untrusted", "unverified"], reason: str) -> CommitSignature:
    return CommitSignature(kind=kind, signer=None, reason=reason)
