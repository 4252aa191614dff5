"""Credentials in text: what kind, and where; never the credential itself.

The shapes are those that the issuers publish, so that a scan of a repository can find them: AWS (IAM user
guide, unique identifiers), GitHub ("Behind GitHub's new authentication token formats"), GitLab (token
overview), Slack (token types), Google (API keys), RFC 7468 (PEM), RFC 7519 (JWT), RFC 3986 §3.2.1 (userinfo),
AWS Signature Version 4 (presigned URLs).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

REDACTED = "[redacted]"

_IN_URL = "a password in a URL"
_SHAPES: tuple[tuple[str, tuple[bytes, ...], str], ...] = (
    ("an AWS access key id", (b"AKIA", b"ASIA"), r"(?<![\w/+])(?:AKIA|ASIA)[A-Z0-9]{16}(?![\w/+])"),
    ("an AWS secret key", (b"aws_secret_access_key",), r"aws_secret_access_key[\"']?[ \t]*[:=][ \t]*\S+"),
    ("a Hugging Face token", (b"hf_",), r"(?<!\w)hf_[A-Za-z0-9]{30,}"),
    ("a GitHub token", (b"ghp_", b"gho_", b"ghs_"), r"(?<!\w)gh[pos]_[A-Za-z0-9]{30,}"),
    ("a GitHub token", (b"github_pat_",), r"(?<!\w)github_pat_\w{22,}"),
    ("a GitLab token", (b"glpat-",), r"(?<!\w)glpat-[\w.-]{20,}"),
    ("a Slack token", (b"xoxa-", b"xoxb-", b"xoxp-", b"xoxs-"), r"(?<!\w)xox[abps]-[A-Za-z0-9-]{10,}"),
    ("a Google API key", (b"AIza",), r"(?<!\w)AIza[\w-]{35}"),
    # It has a digit, or it would be words: sk-learn-based-classification-model.
    ("an OpenAI or Anthropic API key", (b"sk-",), r"(?<![\w-])sk-(?=[A-Za-z_-]{0,64}[0-9])[\w-]{20,}"),
    ("a private key", (b"PRIVATE KEY",), r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY"),
    ("a JSON web token", (b"eyJ",), r"(?<![\w-])eyJ[\w-]{10,}\.eyJ[\w-]{5,}\.[\w-]+"),
    (_IN_URL, (b"://",), r"://[^\s/:@?#\"'<>]{0,200}:[^\s/@\"'<>]{1,200}@"),
    ("a signed URL", (b"X-Amz-",), r"X-Amz-(?:Signature|Credential)=[^\s&\"'<>]+"),
)
_BYTES = tuple((kind, literals, re.compile(shape.encode("ascii"))) for kind, literals, shape in _SHAPES)
_TEXT = tuple(re.compile(shape, re.ASCII) for _, _, shape in _SHAPES)


@dataclass(frozen=True, slots=True, order=True)
class Secret:
    """Where something stands that looks like a credential (1-based line and column)."""

    line: int
    column: int
    kind: str


def secrets_in(raw: bytes) -> list[Secret]:
    """All that looks like a credential in a file: one for each line and kind, in the file's order."""
    found: dict[tuple[int, str], Secret] = {}
    for secret in _matches(raw):
        found.setdefault((secret.line, secret.kind), secret)
    return sorted(found.values())


def redact(text: str) -> str:
    """The text without its credentials, so that a message or an excerpt does not spread them."""
    for shape in _TEXT:
        text = shape.sub(REDACTED, text)
    return text


def _one_of(literals: tuple[bytes, ...], raw: bytes) -> bool:
    """``in`` runs at memory speed, so that the expression runs only where its literal stands."""
    for literal in literals:  # noqa: SIM110 - any() costs three times the search
        if literal in raw:
            return True
    return False


def _matches(raw: bytes) -> Iterator[Secret]:
    for kind, literals, shape in _BYTES:
        if not _one_of(literals, raw) or (kind == _IN_URL and b"@" not in raw):
            continue
        line, counted = 1, 0
        for match in shape.finditer(raw):
            line += raw.count(b"\n", counted, match.start())
            counted = match.start()
            start = raw.rfind(b"\n", 0, match.start()) + 1
            yield Secret(line, len(raw[start : match.start()].decode("utf-8", "replace")) + 1, kind)
