"""What hosts make of our files, by their own code: Netlify's parsers and matcher, Cloudflare's server.

They come from npm and are no requirement of ours: ``BUDMODEL_TEST_NODE`` names the folder that holds
``node_modules`` (CONTRIBUTING.md says how to make one). Without it these tests are skipped; those of
``test_hosts.py`` read the files in the hosts' documented syntax.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from budmodel.render.csp import HEADER_POLICY
from budmodel.render.openapi_paths import endpoint_of

NODE = shutil.which("node")
FOLDER = Path(os.environ.get("BUDMODEL_TEST_NODE", "."))
NETLIFY = """
import { readFileSync } from "node:fs"
import { parseAllHeaders } from "netlify-headers-parser"
import { parseAllRedirects } from "netlify-redirect-parser"
import redirector from "netlify-redirector"
const [site, paths] = JSON.parse(readFileSync(0, "utf8"))
const headers = await parseAllHeaders({
  headersFiles: [`${site}/_headers`], configHeaders: [], minimal: true
})
const rules = await parseAllRedirects({
  redirectsFiles: [`${site}/_redirects`], configRedirects: [], minimal: true
})
// As netlify-cli asks it.
const options = { jwtSecret: "secret", jwtRole: "app_metadata.authorization.roles" }
const matcher = await redirector.parsePlain(readFileSync(`${site}/_redirects`, "utf8"), options)
const ask = (path) => matcher.match({
  scheme: "https", host: "registry.example", path, query: "", headers: {}, cookieValues: {},
  getHeader: () => "", getCookie: () => ""
})
process.stdout.write(JSON.stringify({
  headers: headers.headers, rules: rules.redirects,
  errors: [...headers.errors, ...rules.errors].map(String),
  answers: Object.fromEntries(paths.map((path) => [path, ask(path)]))
}), () => process.exit(0))
"""
EVERYWHERE = {
    "content-security-policy": HEADER_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}
_POLLS = 1200
LIMIT_RULES = 2000
"""Rules without a placeholder that Cloudflare takes; 100 with one."""


def needs(*packages: str) -> pytest.MarkDecorator:
    """Skips where a package is not at hand."""
    missing = [name for name in packages if not (FOLDER / "node_modules" / name).is_dir()]
    said = ", ".join(["node", *missing] if NODE is None else missing)
    return pytest.mark.skipif(bool(said), reason=f"not at hand for Node.js: {said}; see CONTRIBUTING.md")


def wanted(site: Path) -> dict[str, str]:
    """The file for each address without its ending."""
    found = {}
    for file in sorted((site / "api").rglob("*.json")):
        path = f"/{file.relative_to(site).as_posix()}"
        endpoint = endpoint_of(path)
        assert endpoint is not None
        # Cloudflare needs the slash where the last part varies; the others take both.
        bare = path.removesuffix(".json")
        found[f"{bare}/" if endpoint.path.endswith("}.json") else bare] = path
    assert len(found) > 20
    return found


def netlify(site: Path, paths: list[str]) -> dict[str, Any]:
    assert NODE is not None
    done = subprocess.run(
        [NODE, "--input-type=module", "--eval", NETLIFY],
        input=json.dumps([str(site), paths]),
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["errors"] == []
    return found


@needs("netlify-headers-parser", "netlify-redirect-parser", "netlify-redirector")
def test_netlify_answers_addresses_without_an_ending(site: Path) -> None:
    """It looks for a file first, so that a rule which matches a file's own address does no harm."""
    expected = wanted(site)
    both = {**expected, **{path.rstrip("/"): file for path, file in expected.items()}}
    found = netlify(site, [*both, "/", "/models/passed/", "/api/nothing/at/all"])
    assert {path: rule["to"] for path, rule in found["answers"].items() if rule} == both
    assert {rule["status"] for rule in found["rules"]} == {200}
    assert len(found["rules"]) == len((site / "_redirects").read_text().splitlines())


@needs("netlify-headers-parser", "netlify-redirect-parser", "netlify-redirector")
def test_netlify_reads_the_headers_as_they_are_meant(site: Path) -> None:
    rules = {rule["for"]: rule["values"] for rule in netlify(site, [])["headers"]}
    everywhere = {name.lower(): value for name, value in rules["/*"].items()}
    assert everywhere.items() >= EVERYWHERE.items()
    for path in ("/api/*", "/schemas/*", "/badges/*"):
        assert rules[path]["Access-Control-Allow-Origin"] == "*"
    assert rules["/api/changes.atom"] == {"Content-Type": "application/atom+xml; charset=utf-8"}


class Answer(NamedTuple):
    """What a server said."""

    status: int
    headers: dict[str, str]
    body: bytes


class Server(NamedTuple):
    """A server that runs."""

    port: int
    log: Path

    def get(self, path: str) -> Answer:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request("GET", path)
            found = connection.getresponse()
            headers = {name.lower(): value for name, value in found.getheaders()}
            return Answer(found.status, headers, found.read())


@pytest.fixture(scope="module")
def cloudflare(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Cloudflare Pages as its own tool serves a folder, in the same runtime as at Cloudflare."""
    assert NODE is not None
    home = tmp_path_factory.mktemp("wrangler")
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = FOLDER.absolute() / "node_modules" / "wrangler" / "bin" / "wrangler.js"
    words = ["pages", "dev", str(site), "--ip", "127.0.0.1", "--port", str(port), "--inspector-port", "0"]
    kept = {key: os.environ[key] for key in ("PATH", "LD_LIBRARY_PATH") if key in os.environ}
    told = {"HOME": str(home), "CI": "1", "WRANGLER_SEND_METRICS": "false", "NO_COLOR": "1"}
    log = home / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [NODE, str(program), *words, "--compatibility-date", "2024-09-01"],
            cwd=home,
            env={**kept, **told},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        for _ in range(_POLLS):
            assert process.poll() is None, log.read_text("utf-8", "replace")
            if b"Ready on" in log.read_bytes():
                break
            time.sleep(0.1)
        else:
            pytest.fail(f"the server does not start: {log.read_text('utf-8', 'replace')}")
        yield Server(port, log)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


@needs("wrangler")
def test_cloudflare_takes_every_rule(site: Path, cloudflare: Server) -> None:
    log = cloudflare.log.read_text("utf-8", "replace")
    number = len((site / "_redirects").read_text().splitlines())
    assert number < LIMIT_RULES
    assert f"Parsed {number} valid redirect rules" in log
    assert f"Parsed {(site / '_headers').read_text().count(chr(10) + '/') + 1} valid header rules" in log
    assert "invalid" not in log
    assert "more performant" not in log


@needs("wrangler")
def test_cloudflare_answers_addresses_without_an_ending(site: Path, cloudflare: Server) -> None:
    for path, file in wanted(site).items():
        answer = cloudflare.get(path)
        assert (answer.status, answer.body) == (200, (site / file.lstrip("/")).read_bytes()), path
        assert answer.headers["content-type"].partition(";")[0] == "application/json", path


@needs("wrangler")
def test_cloudflare_serves_every_file_with_its_type_and_headers(site: Path, cloudflare: Server) -> None:
    files = [path for part in ("api", "schemas", "badges") for path in (site / part).rglob("*")]
    for file in sorted(path for path in files if path.is_file()):
        path = f"/{file.relative_to(site).as_posix()}"
        answer = cloudflare.get(path)
        assert (answer.status, answer.body) == (200, file.read_bytes()), path
        endpoint = endpoint_of(path)
        media = endpoint.media if endpoint is not None else "image/svg+xml"
        assert answer.headers["content-type"].partition(";")[0] == media, path
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers.items() >= EVERYWHERE.items(), path
        assert "etag" in answer.headers


@needs("wrangler")
def test_cloudflare_serves_pages_with_their_policy(site: Path, cloudflare: Server) -> None:
    for path, status in (
        ("/", 200),
        ("/models/passed/", 200),
        ("/no/such/page", 404),
        ("/api/models/no/", 404),
    ):
        answer = cloudflare.get(path)
        assert answer.status == status, path
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.headers.items() >= EVERYWHERE.items(), path
    assert cloudflare.get("/no/such/page").body == (site / "404.html").read_bytes()
