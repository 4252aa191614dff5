"""No credential leaves the catalog through a report: not in a message, a field or a quoted line."""

from __future__ import annotations

import re
from typing import Any

from budmodel.domain.credentials import REDACTED, redact
from budmodel.store.entries import Entry

EXCERPT = 1000
"""Most characters of a line that are quoted: a file of one line must not cost its size for each finding."""
_KEY_BEGINS = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY")
_KEY = re.compile(_KEY_BEGINS.pattern + r".*", re.DOTALL)
_PREFIX = r"(?:AKIA|ASIA|hf_|gh[pos]_|github_pat_|glpat-|xox[abps]-|AIza|sk-|eyJ)"
_CUT = re.compile(rf"(?:{_PREFIX}|X-Amz-|://[^\s…/:@]*:)[^\s…]*…")
"""The beginning of what may be a credential, where a message was cut."""
_ESCAPE = re.compile(
    rf"\\(?:[abefnrtv0N_LP]|x[0-9A-Fa-f]{{2}}|u[0-9A-Fa-f]{{4}}|U[0-9A-Fa-f]{{8}})(?={_PREFIX})"
)
_ESCAPE_BYTES = re.compile(_ESCAPE.pattern.encode("ascii"))


def without_escapes(raw: bytes) -> bytes:
    """The bytes with blanks for escapes before a token, whose last letter would look like part of a word."""
    return _ESCAPE_BYTES.sub(lambda match: b" " * len(match[0]), raw) if b"\\" in raw else raw


def hide(text: str) -> str:
    """The text without credentials, also without those of which a cut left the beginning only."""
    if "\\" in text:
        text = _ESCAPE.sub(lambda match: " " * len(match[0]), text)
    text = redact(_KEY.sub(REDACTED, text) if "PRIVATE KEY" in text else text)
    return _CUT.sub(f"{REDACTED}…", text) if "…" in text else text


def quote(entry: Entry[Any], number: int) -> str:
    """A line of a file for people; nothing of a private key, of which most lines look like any text."""
    if b"PRIVATE KEY" in entry.raw:
        before = "\n".join(entry.line(earlier) for earlier in range(1, number))
        begins = [match.start() for match in _KEY_BEGINS.finditer(before)]
        if begins and "-----END" not in before[begins[-1] :]:
            return REDACTED
    # Cut only after redacting: half a token is not seen as one.
    return hide(entry.line(number)[: 2 * EXCERPT])[:EXCERPT]
