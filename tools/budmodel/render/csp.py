"""The Content-Security-Policy of every page: no foreign origin, no inline script but the theme's, by hash.

Specification: https://www.w3.org/TR/CSP3/ (§2.3.1 for hashes, §3.3 for the meta element).
"""

from __future__ import annotations

import base64
import hashlib
import re

_script = re.compile(r"<script((?:\s[^>]*)?)>(.*?)</script>", re.DOTALL)
_CHARSET = '<meta charset="utf-8">'
_FIXED = (
    "default-src 'none'",
    "img-src 'self' data:",
    "style-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
)

HEADER_POLICY = "; ".join([*_FIXED[1:], "frame-ancestors 'none'"])
"""What a host's header can say of every page. Both policies hold, so hashes of scripts stay in the pages,
which know their own; ``frame-ancestors`` works in a header only (CSP 3, §3.3)."""


def add_policy(html: str) -> str:
    """The page with its policy as the first thing after the charset."""
    sources = " ".join(["'self'", *inline_hashes(html)])
    policy = "; ".join([*_FIXED, f"script-src {sources}"])
    tag = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    head, found, rest = html.partition(_CHARSET)
    return f"{head}{found}{tag}{rest}" if found else html


def inline_hashes(html: str) -> list[str]:
    """The CSP sources of the scripts that stand inside a page, each once."""
    found: dict[str, None] = {}
    for attributes, body in _script.findall(html):
        if "src=" in attributes or "application/json" in attributes:
            continue
        digest = base64.b64encode(hashlib.sha256(body.encode("utf-8")).digest()).decode("ascii")
        found[f"'sha256-{digest}'"] = None
    return list(found)
