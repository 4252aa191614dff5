"""Links and places of the catalog as RFC 3986 wants them."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit, urlunsplit

_PATH = "/:@!$&'()*+,;=~-._%"
"""What a path may hold besides letters and digits (RFC 3986 §3.3)."""
_QUERY = f"{_PATH}?"
"""The same of a query and a fragment (§3.4 and §3.5)."""
_authority = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=-]+(:[0-9]*)?\Z")
_lone_percent = re.compile(r"%(?![0-9A-Fa-f]{2})")


def uri(link: str) -> str | None:
    """A link with all that has no place there percent-encoded.

    None where the host is none that every reader takes: IPv6 addresses and names that are not ASCII.
    """
    try:
        parts = urlsplit(link)
    except ValueError:
        return None
    if _authority.match(parts.netloc) is None and (parts.netloc or parts.scheme != "file"):
        return None
    path, query, fragment = (_lone_percent.sub("%25", part) for part in parts[2:])
    encoded = (quote(path, safe=_PATH), quote(query, safe=_QUERY), quote(fragment, safe=_QUERY))
    return urlunsplit((parts.scheme, parts.netloc, *encoded))
