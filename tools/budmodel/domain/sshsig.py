"""SSH signatures of files (OpenSSH's PROTOCOL.sshsig, version 1), verified and made in this process.

``ssh-keygen -Y verify`` agrees with every signature that is accepted here; the reverse need not be: one with
trailing bytes, a reserved field or a second armor is refused. Who may sign is not decided here but in
:mod:`budmodel.domain.signers`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from budmodel.domain.sshkeys import PublicKey, read_public_key
from budmodel.domain.sshwire import Reader, WireError, mpint, string

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

__all__ = ["PrivateKeyError", "PublicKey", "SignatureInvalidError", "public_key_of", "sign", "signer_of"]

BEGIN, END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
ARMOR_MAX = 16_384
"""Characters of an armored signature: an RSA key of 16384 bits and its signature take 6,000."""
_MAGIC = b"SSHSIG"
_VERSION = 1
_HASHES: dict[str, Callable[[bytes], bytes]] = {
    "sha256": lambda message: hashlib.sha256(message).digest(),
    "sha512": lambda message: hashlib.sha512(message).digest(),
}
_COLUMNS = 70
_body = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_PRIVATE_MAX = 65_536


class SignatureInvalidError(ValueError):
    """A signature does not hold; the message says why, as a part of a sentence."""


class PrivateKeyError(ValueError):
    """A private key cannot be used; the message says why and never quotes the key."""


def signer_of(armored: str, message: bytes, namespace: str) -> PublicKey:
    """Verifies a signature over a message and says whose it is.

    Args:
        armored: the signature between its BEGIN and END lines.
        message: what was signed, of any length.
        namespace: what the signature must have been made for.

    Raises:
        SignatureInvalidError: it does not hold.
    """
    reader = Reader(_dearmor(armored))
    try:
        return _verified(reader, message, namespace)
    except WireError as error:
        raise SignatureInvalidError(f"the signature is malformed: {error}") from None


def sign(private_key: bytes, message: bytes, namespace: str, *, passphrase: bytes | None = None) -> str:
    """Signs a message as ``ssh-keygen -Y sign`` does: the same armor, SHA-512, ``rsa-sha2-512`` for RSA.

    Args:
        private_key: a key in OpenSSH's own form or in PEM.
        message: what to sign.
        namespace: what the signature is for; not empty.
        passphrase: opens a key that is protected by one.

    Raises:
        PrivateKeyError: the key cannot be read, or is of a kind that may not sign.
    """
    key = _load(private_key, passphrase)
    public = _public(key)
    name, digest = namespace.encode("utf-8"), _HASHES["sha512"](message)
    blob = _signature(key, public.algorithm, _signed(name, b"sha512", digest))
    raw = (
        _MAGIC
        + _VERSION.to_bytes(4, "big")
        + b"".join(string(part) for part in (public.blob, name, b"", b"sha512", blob))
    )
    encoded = base64.b64encode(raw).decode("ascii")
    lines = [encoded[start : start + _COLUMNS] for start in range(0, len(encoded), _COLUMNS)]
    return "\n".join([BEGIN, *lines, END, ""])


def public_key_of(private_key: bytes, *, passphrase: bytes | None = None) -> PublicKey:
    """The public half of a private key.

    Raises:
        PrivateKeyError: as for :func:`sign`.
    """
    return _public(_load(private_key, passphrase))


def _dearmor(armored: str) -> bytes:
    if len(armored) > ARMOR_MAX:
        raise SignatureInvalidError(f"the signature has more than {ARMOR_MAX} characters")
    lines = armored.strip(" \t\r\n").replace("\r\n", "\n").split("\n")
    if len(lines) < 3 or lines[0] != BEGIN or lines[-1] != END:
        raise SignatureInvalidError(f"the signature does not begin with {BEGIN} and end with {END}")
    body = "".join(lines[1:-1])
    # b64decode takes a = in the middle and loose bits at the end; the form that it writes itself has neither.
    if _body.fullmatch(body) is None:
        raise SignatureInvalidError("the signature is not base64 between its first and last line")
    try:
        raw = base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise SignatureInvalidError("the signature is cut off, as its base64 is not whole") from None
    if base64.b64encode(raw).decode("ascii") != body:
        raise SignatureInvalidError("the signature is not in the one form that its base64 has")
    return raw


def _verified(reader: Reader, message: bytes, namespace: str) -> PublicKey:
    if reader.take(len(_MAGIC)) != _MAGIC:
        raise WireError("it is no SSH signature")
    version = reader.uint32()
    if version != _VERSION:
        raise WireError(f"it has version {version}, not {_VERSION}")
    blob, stated, reserved, hash_name = reader.string(), reader.text(), reader.string(), reader.text()
    signature = reader.string()
    reader.end()
    if stated != namespace:
        raise SignatureInvalidError(f"it was made for the namespace {stated[:64]!r}, not for {namespace!r}")
    if reserved:
        raise WireError("its reserved field is not empty")
    if hash_name not in _HASHES:
        raise WireError(f"it hashes with {hash_name[:64]!r}, not with {' or '.join(_HASHES)}")
    key = read_public_key(blob)
    signed = _signed(stated.encode("ascii"), hash_name.encode("ascii"), _HASHES[hash_name](message))
    if not key.verifies(signature, signed):
        raise SignatureInvalidError("it was made over other bytes, or by another key than it names")
    return key


def _signed(namespace: bytes, hash_name: bytes, digest: bytes) -> bytes:
    """What the key itself signs (PROTOCOL.sshsig §4)."""
    return _MAGIC + b"".join(string(part) for part in (namespace, b"", hash_name, digest))


def _load(private_key: bytes, passphrase: bytes | None) -> PrivateKeyTypes:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_ssh_private_key

    if len(private_key) > _PRIVATE_MAX:
        raise PrivateKeyError("the private key is too long to be one")
    openssh = b"BEGIN OPENSSH PRIVATE KEY" in private_key
    try:
        if openssh:
            return load_ssh_private_key(private_key, passphrase)
        return load_pem_private_key(private_key, passphrase)
    except TypeError:
        # Also raised where a passphrase was stated for a key without one.
        stated = "is not" if passphrase is not None else "is"
        raise PrivateKeyError(f"the private key {stated} protected by a passphrase") from None
    except UnsupportedAlgorithm:
        raise PrivateKeyError("the private key is of a kind, or protected in a way, not known here") from None
    except ValueError:
        # The library's own words may quote what it read.
        raise PrivateKeyError("the private key cannot be read, or its passphrase is another one") from None


def _public(key: PrivateKeyTypes) -> PublicKey:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    if not isinstance(key, ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise PrivateKeyError("keys of this kind may not sign; use Ed25519")
    try:
        line = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        return read_public_key(base64.b64decode(line.split()[1]))
    except ValueError as error:
        # Other curves, and RSA keys that are too short.
        raise PrivateKeyError(f"the private key may not sign: {error}") from None


def _signature(key: PrivateKeyTypes, algorithm: str, signed: bytes) -> bytes:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    if isinstance(key, ed25519.Ed25519PrivateKey):
        made = key.sign(signed)
    elif isinstance(key, rsa.RSAPrivateKey):
        algorithm = "rsa-sha2-512"
        made = key.sign(signed, padding.PKCS1v15(), hashes.SHA512())
    else:
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        digests = {256: hashes.SHA256(), 384: hashes.SHA384(), 521: hashes.SHA512()}
        r, s = decode_dss_signature(key.sign(signed, ec.ECDSA(digests[key.key_size])))
        made = mpint(r) + mpint(s)
    return string(algorithm.encode("ascii")) + string(made)
