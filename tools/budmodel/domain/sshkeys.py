"""SSH public keys, and whether a signature blob is theirs: RFC 4253 §6.6 (RSA), RFC 8332 (RSA with SHA-2),
RFC 5656 §3.1 (ECDSA), RFC 8709 (Ed25519), OpenSSH's PROTOCOL.u2f (keys in a security token, ``sk-``).

Stricter than OpenSSH: numbers in their shortest form only, RSA signatures as long as the modulus, nothing
behind the last value, and a security token must say that somebody touched it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable
from functools import lru_cache, partial
from typing import NamedTuple

from budmodel.domain.sshwire import Reader, WireError, string

ED25519 = "ssh-ed25519"
RSA = "ssh-rsa"
SK_ED25519 = "sk-ssh-ed25519@openssh.com"
SK_ECDSA = "sk-ecdsa-sha2-nistp256@openssh.com"
CURVES = {
    "ecdsa-sha2-nistp256": "nistp256",
    "ecdsa-sha2-nistp384": "nistp384",
    "ecdsa-sha2-nistp521": "nistp521",
}
ALGORITHMS = frozenset([ED25519, RSA, SK_ED25519, SK_ECDSA, *CURVES])
"""Kinds of keys that may sign; DSA, certificates and everything else may not."""
RSA_BITS = range(2048, 16_385)
"""Sizes of RSA keys that are read: 1024 bits are too few, and more than OpenSSH's 16384 only take time."""
_EXPONENT_MAX = 1 << 32
_BLOB_MAX = 8192
_TOUCHED = 0x01

Check = Callable[[bytes, str, Reader], bool]
"""Whether the rest of a signature blob is one over a message: message, signature algorithm, rest."""


class PublicKey(NamedTuple):
    """A public key in SSH's own form."""

    algorithm: str
    """``ssh-ed25519``, ``ssh-rsa``, …"""
    blob: bytes
    """The key as SSH sends it, its algorithm included; equal keys have equal blobs."""

    @property
    def fingerprint(self) -> str:
        """``SHA256:`` and base64 without padding, as ``ssh-keygen -l`` prints it."""
        digest = base64.b64encode(hashlib.sha256(self.blob).digest()).decode("ascii")
        return f"SHA256:{digest.rstrip('=')}"

    @property
    def line(self) -> str:
        """Algorithm and base64, as in a ``.pub`` file."""
        return f"{self.algorithm} {base64.b64encode(self.blob).decode('ascii')}"

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether a signature blob is one of this key over a message.

        Raises:
            WireError: the signature, or the key, does not have the form that its algorithm states.
        """
        reader = Reader(signature)
        algorithm = reader.text()
        if algorithm not in (
            ("rsa-sha2-256", "rsa-sha2-512") if self.algorithm == RSA else (self.algorithm,)
        ):
            raise WireError(f"a key of {self.algorithm} does not sign with {algorithm[:64]}")
        return _check(self.blob)(message, algorithm, reader)


def read_public_key(blob: bytes) -> PublicKey:
    """A key from SSH's own form.

    Raises:
        WireError: it has another form, is of a kind that may not sign, or is too weak.
    """
    if len(blob) > _BLOB_MAX:
        raise WireError("the key is too long")
    algorithm = Reader(blob).text()
    if algorithm not in ALGORITHMS:
        raise WireError(f"keys of {algorithm[:64]!r} may not sign; use {ED25519}")
    _check(blob)
    return PublicKey(algorithm, blob)


def read_public_line(text: str) -> tuple[PublicKey, str]:
    """A key and its comment from the words of a ``.pub`` file.

    Raises:
        WireError: it is none.
    """
    algorithm, _, rest = text.strip(" \t\r\n").partition(" ")
    encoded, _, comment = rest.strip(" \t").partition(" ")
    try:
        blob = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise WireError("the key is not base64") from None
    key = read_public_key(blob)
    if key.algorithm != algorithm:
        raise WireError(f"the key is one of {key.algorithm}, not of {algorithm[:64]!r}")
    return key, comment.strip()


# A registry has a few keys and thousands of records, and building a key costs as much as using it.
@lru_cache(maxsize=1024)
def _check(blob: bytes) -> Check:
    reader = Reader(blob)
    algorithm = reader.text()
    if algorithm == ED25519:
        check = _ed25519(reader)
    elif algorithm == SK_ED25519:
        check = partial(_touched, _ed25519(reader), reader.string())
    elif algorithm == SK_ECDSA:
        check = partial(_touched, _ecdsa(reader, "nistp256"), reader.string())
    elif algorithm in CURVES:
        check = _ecdsa(reader, CURVES[algorithm])
    else:
        check = _rsa(reader)
    reader.end()

    def whole(message: bytes, algorithm: str, rest: Reader) -> bool:
        verified = check(message, algorithm, rest)
        rest.end()
        return verified

    return whole


def _ed25519(reader: Reader) -> Check:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    raw = reader.string()
    if len(raw) != 32:
        raise WireError("an Ed25519 key has 32 bytes")
    key = Ed25519PublicKey.from_public_bytes(raw)

    def check(message: bytes, algorithm: str, rest: Reader) -> bool:
        try:
            key.verify(rest.string(), message)
        except InvalidSignature:
            return False
        return True

    return check


def _ecdsa(reader: Reader, curve_name: str) -> Check:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    if reader.text() != curve_name:
        raise WireError("the key names another curve than its algorithm")
    curves: dict[str, tuple[ec.EllipticCurve, hashes.HashAlgorithm]] = {
        "nistp256": (ec.SECP256R1(), hashes.SHA256()),
        "nistp384": (ec.SECP384R1(), hashes.SHA384()),
        "nistp521": (ec.SECP521R1(), hashes.SHA512()),
    }
    curve, digest = curves[curve_name]
    point = reader.string()
    # The compressed form would give one key two blobs, hence two fingerprints.
    if point[:1] != b"\x04":
        raise WireError("the point of an ECDSA key must be uncompressed")
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(curve, point)
    except ValueError:
        raise WireError("the key is no point of its curve") from None

    def check(message: bytes, algorithm: str, rest: Reader) -> bool:
        numbers = Reader(rest.string())
        r, s = numbers.mpint(), numbers.mpint()
        numbers.end()
        try:
            key.verify(encode_dss_signature(r, s), message, ec.ECDSA(digest))
        except InvalidSignature:
            return False
        return True

    return check


def _rsa(reader: Reader) -> Check:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    exponent, modulus = reader.mpint(), reader.mpint()
    bits = modulus.bit_length()
    if bits not in RSA_BITS:
        raise WireError(f"an RSA key of {bits} bits may not sign; it takes {RSA_BITS[0]} to {RSA_BITS[-1]}")
    if exponent > _EXPONENT_MAX:
        raise WireError("the exponent of the RSA key is too large")
    try:
        key = rsa.RSAPublicNumbers(exponent, modulus).public_key()
    except ValueError:
        raise WireError("the numbers of the RSA key are none of such a key") from None

    def check(message: bytes, algorithm: str, rest: Reader) -> bool:
        signature = rest.string()
        digest = hashes.SHA256() if algorithm == "rsa-sha2-256" else hashes.SHA512()
        if len(signature) != (bits + 7) // 8:
            raise WireError("the RSA signature is not as long as the key")
        try:
            key.verify(signature, message, padding.PKCS1v15(), digest)
        except InvalidSignature:
            return False
        return True

    return check


def _touched(inner: Check, application: bytes, message: bytes, algorithm: str, rest: Reader) -> bool:
    """A token signs two digests, of the application and the message, with its flags and counter between."""
    signature, flags, counter = rest.string(), rest.take(1), rest.take(4)
    if not flags[0] & _TOUCHED:
        raise WireError("nobody touched the security token that signed it")
    signed = hashlib.sha256(application).digest() + flags + counter + hashlib.sha256(message).digest()
    return inner(signed, algorithm, Reader(string(signature)))
