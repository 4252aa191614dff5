"""The endpoint that a load is put on: its addresses, and the key that goes to it and nowhere else.

No sentence here repeats what the user wrote: an address may hold a password, and the name of a variable may
be the key itself, pasted by mistake.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit, urlunsplit

from budmodel.errors import UsageError

_PRINTABLE = re.compile(r"[\x21-\x7e]{1,2048}\Z")
_KEY = re.compile(r"[\x21-\x7e]{1,4096}\Z")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_CHAT, _TEXT = "/chat/completions", "/completions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An OpenAI-compatible endpoint. Only ``host`` may be shown or recorded."""

    host: str
    """``127.0.0.1:8000``."""
    chat: bool
    """Whether it takes messages (``chat/completions``) or a prompt (``completions``)."""
    url: str = field(repr=False)
    models_url: str = field(repr=False)
    key: str | None = field(default=None, repr=False)
    key_in_the_clear: bool = False
    """Whether the key goes over http to another machine."""


def parse_endpoint(text: str, key_variable: str | None, environment: Mapping[str, str]) -> Endpoint:
    """The endpoint that an address names: ``http://host:8000/v1``, or the whole path of its method.

    Args:
        text: the address; its query, where it has one, goes along with every request and is shown nowhere.
        key_variable: the environment variable that holds the API key.
        environment: all variables.

    Raises:
        UsageError: it is no http(s) address, holds a password, or the key cannot be had.
    """
    parts, port = _split(text)
    key = _key(key_variable, environment)
    path = parts.path.rstrip("/")
    chat = path.endswith(_CHAT) or not path.endswith(_TEXT)
    base = path.removesuffix(_CHAT if chat else _TEXT)
    if not base and base == path:
        base = "/v1"
    host = parts.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    shown = f"{shown}:{port}" if port is not None else shown
    return Endpoint(
        host=shown,
        chat=chat,
        url=urlunsplit((parts.scheme, shown, base + (_CHAT if chat else _TEXT), parts.query, "")),
        models_url=urlunsplit((parts.scheme, shown, f"{base}/models", parts.query, "")),
        key=key,
        key_in_the_clear=key is not None and parts.scheme == "http" and host not in _LOOPBACK,
    )


def _split(text: str) -> tuple[SplitResult, int | None]:
    wrong = UsageError("--endpoint must be an http(s) address, such as http://127.0.0.1:8000/v1")
    if not _PRINTABLE.match(text):
        raise wrong
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise wrong from None
    # What else stands in a host's name is no name, and could not be recorded as one.
    if parts.scheme not in ("http", "https") or not re.fullmatch(r"[0-9A-Za-z._:%-]+", parts.hostname or ""):
        raise wrong
    if "@" in parts.netloc:
        raise UsageError(
            "--endpoint holds a user or a password; leave it out, and name the environment variable of a "
            "key with --api-key-env"
        )
    return parts, port


def _key(variable: str | None, environment: Mapping[str, str]) -> str | None:
    if variable is None:
        return None
    key = environment.get(variable, "").strip()
    if not key:
        raise UsageError("the variable that --api-key-env names is not set; export it, and state its name")
    if not _KEY.match(key):
        raise UsageError("the variable that --api-key-env names holds no API key: it has spaces or lines")
    return key
