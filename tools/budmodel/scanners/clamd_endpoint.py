"""Where clamd listens, and how long it may take."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from budmodel.errors import UsageError

_SHOWN = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long clamd may take, in seconds."""

    connect: float = 10.0
    step: float = 120.0
    """To take a piece, or to begin to answer."""
    per_megabyte: float = 1.0
    """Beyond that for each megabyte (10^6 bytes) it has to search."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a clamd listens: a Unix socket's path, or an IPv4 host and port."""

    path: str = ""
    host: str = ""
    port: int = 0

    def __str__(self) -> str:
        return f"unix:{self.path}" if self.path else f"tcp://{self.host}:{self.port}"

    @property
    def here(self) -> bool:
        """Whether it is certainly this machine."""
        return bool(self.path) or self.host == "localhost" or self.host.startswith("127.")


def parse_endpoint(text: str) -> Endpoint:
    """Reads ``unix:PATH`` or ``tcp://HOST:PORT``.

    Raises:
        UsageError: it is neither.
    """
    if text.startswith("unix:/") and "\0" not in text:
        return Endpoint(path="/" + text.removeprefix("unix:").lstrip("/"))
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port or 0
    except ValueError:
        host, port = "", 0
    plain = text.lower() == f"tcp://{host}:{port}"
    if not plain or not host or port == 0:
        raise UsageError(
            f"{shown(text)} names no clamd; write unix:/run/clamav/clamd.ctl or tcp://127.0.0.1:3310 "
            "(IPv4 or a host name)"
        )
    return Endpoint(host=host, port=port)


def shown(text: str) -> str:
    """Foreign text, quoted, escaped and shortened."""
    return shortened(ascii(text))


def shortened(text: str) -> str:
    """Text of at most 120 characters."""
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
