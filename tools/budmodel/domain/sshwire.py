"""SSH's wire types (RFC 4251 §5), read strictly: whatever is not exactly the form is an error."""

from __future__ import annotations

import struct


class WireError(ValueError):
    """The bytes do not have the stated form; the message is a part of a sentence."""


class Reader:
    """Reads one value after the other from bytes that somebody else wrote."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._at = 0

    def take(self, count: int) -> bytes:
        """So many bytes.

        Raises:
            WireError: there are fewer.
        """
        end = self._at + count
        if end > len(self._raw):
            raise WireError("it ends too early")
        taken = self._raw[self._at : end]
        self._at = end
        return taken

    def uint32(self) -> int:
        """A number of four bytes."""
        number: int = struct.unpack(">I", self.take(4))[0]
        return number

    def string(self) -> bytes:
        """Bytes behind their length."""
        return self.take(self.uint32())

    def text(self) -> str:
        """A name: printable ASCII. Names of algorithms are so (RFC 4251 §6), and namespaces of ours."""
        raw = self.string()
        if not all(32 <= byte < 127 for byte in raw):
            raise WireError("a name in it is not printable ASCII")
        return raw.decode("ascii")

    def mpint(self) -> int:
        """A positive number of any length, in its shortest form."""
        raw = self.string()
        if not raw or raw[0] & 0x80:
            raise WireError("a number in it is not positive")
        if raw[0] == 0 and (len(raw) == 1 or not raw[1] & 0x80):
            raise WireError("a number in it is zero, or longer than it must be")
        return int.from_bytes(raw, "big")

    def end(self) -> None:
        """States that nothing is left.

        Raises:
            WireError: something is.
        """
        if self._at != len(self._raw):
            raise WireError("something follows where it should end")


def string(raw: bytes) -> bytes:
    """Bytes behind their length."""
    return struct.pack(">I", len(raw)) + raw


def mpint(number: int) -> bytes:
    """A positive number in its shortest form."""
    # One bit more than the number has, as the first one is the sign.
    return string(number.to_bytes(number.bit_length() // 8 + 1, "big"))
