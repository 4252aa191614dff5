"""Every recorded answer of the real Hub lists without an error."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from budmodel.schema.values import NAME_PATTERN
from budmodel.sources.huggingface import open_source
from sources.hub_server import HubServer

RECORDED = Path(__file__).parents[2] / ".." / "shared" / "data" / "hf"
BODIES = sorted((RECORDED / "api").glob("*.json"))
REDIRECTS = sorted((RECORDED / "http").glob("*.307.json"))

pytestmark = pytest.mark.skipif(not BODIES, reason="the recorded answers are not on this machine")


@pytest.mark.parametrize("path", BODIES, ids=lambda path: path.name.removesuffix(".api.json"))
def test_recorded_body_lists(hub: HubServer, path: Path) -> None:
    body = json.loads(path.read_bytes())
    hub.replay(body)
    listing = open_source(body["id"]).listing()
    assert listing.source["model_id"] == body["id"]
    # One of the bodies is an excerpt without a commit; the refs give it.
    assert listing.source["revision"] == hub.repos[body["id"]].sha
    assert listing.facts == body
    assert listing.files is None
    assert listing.paths == tuple(sorted(item["rfilename"] for item in body["siblings"] or ()))
    assert (listing.released is None) == ("lastModified" not in body)
    assert re.fullmatch(NAME_PATTERN, listing.suggested_name)
    assert len(hub.log) <= 3


@pytest.mark.parametrize("path", REDIRECTS, ids=lambda path: path.name)
def test_recorded_redirect_is_followed(hub: HubServer, path: Path) -> None:
    record = json.loads(path.read_bytes())
    old = urlsplit(record["request"]["uri"]).path.removeprefix("/api/models/")
    new = urlsplit(record["response"]["headers"]["Location"][0]).path.removeprefix("/api/models/")
    hub.add(new, {"config.json": b"{}"})
    headers = {"Location": f"/api/models/{new}", "Content-Type": "text/plain; charset=utf-8"}
    body = record["response"]["body"].encode()
    hub.break_with(f"/api/models/{old}\\?", lambda handler: handler.send_bytes(307, body, headers))
    assert open_source(old).listing().source["model_id"] == new
