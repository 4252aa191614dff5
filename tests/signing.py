"""Keys, ``allowed_signers`` and signed scan records for tests. All keys are made anew and protect nothing."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from budmodel.domain.evidence import NAMESPACE, sign_scan
from budmodel.domain.signers import SignerBook
from budmodel.domain.sshkeys import PublicKey, read_public_key
from budmodel.schema.scan import Scan
from budmodel.schema.version import File


@dataclass(frozen=True)
class KeyPair:
    """A key pair; ``KeyPair.make()`` gives a new Ed25519 one."""

    private: bytes
    """In OpenSSH's own form, without a passphrase."""
    public_line: str
    """Algorithm and base64."""

    @classmethod
    def make(cls, kind: str = "ed25519") -> KeyPair:
        """A new key: ed25519, p256, p384, p521 or rsa."""
        curves = {"p256": ec.SECP256R1, "p384": ec.SECP384R1, "p521": ec.SECP521R1}
        key: Any
        if kind in curves:
            key = ec.generate_private_key(curves[kind]())
        elif kind == "rsa":
            key = rsa.generate_private_key(65537, 2048)
        else:
            key = Ed25519PrivateKey.generate()
        return cls(
            key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()),
            key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode(),
        )

    @cached_property
    def public(self) -> PublicKey:
        """The public half."""
        return read_public_key(base64.b64decode(self.public_line.split()[1]))

    def allowed(self, principal: str = "scanner@example.org", options: str = "") -> str:
        """A line of ``allowed_signers``; ``options`` such as ``valid-before="20270101Z"`` are added."""
        more = f",{options}" if options else ""
        return f'{principal} namespaces="{NAMESPACE}"{more} {self.public_line}\n'

    def book(self, principal: str = "scanner@example.org", options: str = "") -> SignerBook:
        """A book of that one line."""
        return SignerBook.parse(self.allowed(principal, options).encode())


def signed(
    scan: Scan | Mapping[str, Any],
    files: Sequence[File | Mapping[str, Any]],
    key: KeyPair,
    principal: str = "scanner@example.org",
) -> Scan:
    """A scan record with a true signature of a key."""
    record = scan if isinstance(scan, Scan) else Scan.model_validate(dict(scan))
    listed = [file if isinstance(file, File) else File.model_validate(dict(file)) for file in files]
    return sign_scan(record, listed, principal, key.private)


def signed_data(
    scan: Scan | Mapping[str, Any],
    files: Sequence[File | Mapping[str, Any]],
    key: KeyPair,
    principal: str = "scanner@example.org",
) -> dict[str, Any]:
    """As :func:`signed`, as data for a YAML file."""
    record = signed(scan, files, key, principal)
    return record.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
