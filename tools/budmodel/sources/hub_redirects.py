"""Where an answer of the Hub may send us on to."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

from budmodel.errors import OutsideError
from budmodel.sources.hub_errors import Asked
from budmodel.sources.hub_ids import DEFAULT_ENDPOINT, is_internal, origin_of, quoted


def redirect_target(asked: Asked, here: str, location: str, *, elsewhere: bool) -> str:
    """The absolute address of a redirect that may be followed.

    The Hub may redirect to itself (a renamed repository), and file contents (``elsewhere``) to another host:
    over https, and never from the outside to this machine or its neighbours.

    Raises:
        OutsideError: it may not be followed.
    """
    try:
        target = urljoin(here, location)
        origin = origin_of(target)
        clean = target.isascii() and target.isprintable() and "@" not in urlsplit(target).netloc
    except ValueError:
        clean = False
    if not clean:
        raise OutsideError(f"{asked.host} redirects {asked.what} to no valid address; try again later")
    home = origin_of(asked.endpoint)
    if origin == home:
        return target
    there = quoted(origin[1])
    if not elsewhere:
        raise OutsideError(
            f"{asked.host} redirects {asked.repo_id} to {there}, which is not followed; "
            "set HF_ENDPOINT to that address if you trust it"
        )
    both_here = is_internal(origin[1]) and is_internal(home[1])
    if not both_here and (is_internal(origin[1]) or origin[0] != "https"):
        raise OutsideError(
            f"{asked.host} redirects {asked.what} to {there} in an unsafe way, which is not followed; "
            "check HF_ENDPOINT"
        )
    return target


def next_page(asked: Asked, here: str, links: Mapping[str | None, Mapping[str, str]]) -> str | None:
    """The address of a list's next page (RFC 8288), None on its last.

    Raises:
        OutsideError: it is not on the same Hub.
    """
    link = links.get("next", {}).get("url")
    if not link:
        return None
    try:
        target = urljoin(here, link)
        origin = origin_of(target)
    except ValueError:
        origin = None
    # A mirror may pass on the links of the Hub that it mirrors: those mean the mirror.
    if origin is not None and origin == origin_of(DEFAULT_ENDPOINT):
        target = asked.endpoint + target[len(DEFAULT_ENDPOINT) :]
        origin = origin_of(asked.endpoint)
    if origin != origin_of(asked.endpoint):
        raise OutsideError(f"{asked.host} continues its list elsewhere, which is refused; check HF_ENDPOINT")
    return target
