"""What a scan record proves, and who says so: the statement that is signed, and whether to trust it.

The statement is an in-toto Statement v1 (https://github.com/in-toto/attestation, spec/v1/statement.md): its
subject is every file of the version with its digest, its predicate the whole record but for the signature
itself. What is signed is its RFC 8785 form, so that a record's layout in YAML does not matter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from budmodel.domain.quoting import one_line
from budmodel.domain.signers import NAMESPACE, SignerBook
from budmodel.domain.sshsig import SignatureInvalidError, sign, signer_of
from budmodel.schema.scan import Scan, Signature
from budmodel.schema.values import parse_timestamp
from budmodel.schema.version import File

__all__ = [
    "NAMESPACE",
    "SignatureState",
    "canonical",
    "judge_signature",
    "sign_scan",
    "signed_at",
    "signed_bytes",
    "statement",
]

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:budmodel:scan:v1"
# One pattern for each sign before a number: a pattern that begins with a fixed byte is ten times as fast.
_maybe_too_large = [re.compile(before + rb"-?[0-9]{16}") for before in (rb"\A", rb":", rb",", rb"\[")]
"""Numbers that may be beyond 2^53 - 1, of 16 digits; and texts that look so, which costs some time only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureState:
    """Whether somebody who may do so signed a scan record."""

    kind: Literal["trusted", "unsigned", "untrusted"]
    signer: str | None
    """Who is said to have signed; believe it only where the state is trusted."""
    fingerprint: str | None
    """The key that made the signature, where it holds."""
    reason: str
    """Why, as a part of a sentence for people."""


def statement(scan: Scan, files: Sequence[File]) -> dict[str, Any]:
    """The in-toto Statement of a scan record.

    Args:
        scan: the record; its signature is left out.
        files: the files of the version, in any order.
    """
    ordered = sorted(files, key=lambda file: file.path.encode("utf-8", "surrogatepass"))
    return {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": file.path, "digest": {"sha256": file.sha256}} for file in ordered],
        "predicateType": PREDICATE_TYPE,
        "predicate": scan.model_dump(
            mode="json", exclude={"signature"}, exclude_none=True, exclude_defaults=True
        ),
    }


def signed_bytes(scan: Scan, files: Sequence[File]) -> bytes:
    """The RFC 8785 form of the statement: what a signature is made over.

    Raises:
        ValueError: the record has no such form, as a number in it is beyond 2^53 - 1 or a text is no Unicode.
    """
    return canonical(statement(scan, files))


def canonical(value: Any) -> bytes:
    """The RFC 8785 form of a value without floats whose keys are ASCII, as those of records are.

    For such a value Python's own encoder writes that form, and seven times as fast as the library does.

    Raises:
        ValueError: a number is beyond 2^53 - 1, or a text is no Unicode.
    """
    raw = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    if not any(pattern.search(raw) for pattern in _maybe_too_large):
        return raw
    import rfc8785

    return rfc8785.dumps(value)


def signed_at(scan: Scan) -> datetime | None:
    """The moment at which a record's signer must have been trusted: its end, else that of its attempt."""
    attempt = scan.attempt
    stated = scan.finished or (attempt and (attempt.stopped or attempt.started))
    return parse_timestamp(stated) if stated else None


def judge_signature(scan: Scan, files: Sequence[File], signers: SignerBook) -> SignatureState:
    """Whether a scan record, for exactly these files, was signed by somebody who could do so then.

    Args:
        scan: the record.
        files: the files that the version lists now.
        signers: from the catalog that judges.
    """
    signature = scan.signature
    if signature is None:
        return SignatureState(
            kind="unsigned", signer=None, fingerprint=None, reason="nobody has signed the record"
        )

    def state(reason: str, fingerprint: str | None = None) -> SignatureState:
        return SignatureState(
            kind="untrusted", signer=signature.signer, fingerprint=fingerprint, reason=reason
        )

    try:
        key = signer_of(signature.sshsig, signed_bytes(scan, files), NAMESPACE)
    except SignatureInvalidError as error:
        return state(str(error))
    except ValueError:
        return state("the record holds a number or a text that cannot be signed")
    at = signed_at(scan)
    if at is None:
        return state("the record does not say when it was made", key.fingerprint)
    why_not = signers.why_not(signature.signer, key, at)
    if why_not is not None:
        return state(why_not, key.fingerprint)
    who = one_line(signature.signer)
    return SignatureState(
        kind="trusted",
        signer=signature.signer,
        fingerprint=key.fingerprint,
        reason=f"{who} signed with the key {key.fingerprint}",
    )


def sign_scan(
    scan: Scan, files: Sequence[File], signer: str, private_key: bytes | Callable[[bytes], str]
) -> Scan:
    """The record with a signature; one that it had is replaced.

    Args:
        scan: the finished record.
        files: the files of the version.
        signer: the principal in ``catalog/allowed_signers``.
        private_key: the key itself, or what signs with it (an agent).

    Raises:
        PrivateKeyError: the key cannot be used.
        SignatureInvalidError: what was to sign made a signature that does not hold.
        ValueError: the record cannot be signed, see :func:`signed_bytes`.
    """
    message = signed_bytes(scan, files)
    if isinstance(private_key, bytes):
        armored = sign(private_key, message, NAMESPACE)
    else:
        armored = private_key(message)
        signer_of(armored, message, NAMESPACE)
    return scan.model_copy(update={"signature": Signature(signer=signer, sshsig=armored)})
