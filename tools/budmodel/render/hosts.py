"""Files that hosts of static sites read: ``.nojekyll``, ``_headers`` and ``_redirects``.

Syntax: https://docs.netlify.com/routing/headers/ and /routing/redirects/, which Cloudflare Pages shares
(https://developers.cloudflare.com/pages/configuration/headers/ and /redirects/), and GitLab Pages for
``_redirects`` (https://docs.gitlab.com/user/project/pages/redirects/).

Netlify and GitLab look for a file first. Cloudflare follows a redirect first, so no rule here may match a
file: where the last part of an address varies, the rule ends with a slash, which a file's address never does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from budmodel.render.csp import HEADER_POLICY
from budmodel.render.openapi_paths import ENDPOINTS, JSON, Endpoint, endpoint_of
from budmodel.render.output import Output

_EVERYWHERE = (
    ("Content-Security-Policy", HEADER_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    # Hosts answer 304 by ETag, so asking again is cheap, and files of two deployments never mix.
    ("Cache-Control", "public, max-age=0, must-revalidate"),
)
_FOR_PROGRAMS = (("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", "ETag"))
_PROGRAMS = ("/api/*", "/schemas/*", "/badges/*")


def write_host_files(output: Output) -> None:
    """Writes the files; each host reads its own and serves the others as they are."""
    output.write(".nojekyll", b"")
    output.write("_headers", headers().encode("ascii"))
    output.write("_redirects", redirects().encode("ascii"))


def headers() -> str:
    """``_headers``. Hosts join what rules say of one header, so each stands in one rule for a path."""
    rules = [("/*", _EVERYWHERE), *((path, _FOR_PROGRAMS) for path in _PROGRAMS)]
    rules += [(one.path, (("Content-Type", _typed(one)),)) for one in ENDPOINTS if one.media != JSON]
    return "".join(
        f"{path}\n" + "".join(f"  {name}: {value}\n" for name, value in fields) for path, fields in rules
    )


def redirects() -> str:
    """``_redirects``: the addresses of the registry's GETs, answered by the files (status 200)."""
    # Cloudflare finds a rule without a placeholder at once where all of them come first.
    rules = sorted(_rules(), key=lambda rule: ":" in rule[0])
    return "".join(f"{shown} {file} 200\n" for shown, file in rules)


def answering(path: str) -> str | None:
    """The file that answers an address without an ending: ``/api/models`` → ``/api/models.json``."""
    file = f"{path.rstrip('/')}.json"
    endpoint = endpoint_of(file)
    return file if endpoint is not None and _routed(endpoint) else None


def _rules() -> Iterator[tuple[str, str]]:
    for endpoint in ENDPOINTS:
        if _routed(endpoint):
            file = re.sub(r"\{(\w+)\}", r":\1", endpoint.path)
            shown = file.removesuffix(".json")
            yield f"{shown}/" if PurePosixPath(shown).name.startswith(":") else shown, file


def _routed(endpoint: Endpoint) -> bool:
    return endpoint.media == JSON and endpoint.path.startswith("/api/")


def _typed(endpoint: Endpoint) -> str:
    text = endpoint.media.startswith("text/") or endpoint.media.endswith(("xml", "atom"))
    return f"{endpoint.media}; charset=utf-8" if text else endpoint.media
