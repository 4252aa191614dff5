"""``deploy-check --catalog``: a published site answers as a clone does, and never says yes by accident."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from budmodel.domain.manifest import manifest_sha256
from budmodel.render.site import SiteRequest, build_site
from budmodel.store.catalog import Snapshot
from budmodel.store.tree import WorkTree
from cli.small_catalog import NOW, WAIVER, Registry, fill

ASK = ("--use", "commercial", "--mau", "5", "--now", NOW)
Published = tuple[Registry, Path]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small registry, one version waived, committed; beside it its site."""
    root = tmp_path_factory.mktemp("published")
    registry = fill(Registry(root / "registry", None))
    record = Snapshot(WorkTree(registry.root)).model("llama-3").version("1.0.0")
    assert record is not None
    manifest = manifest_sha256(record.files or ())
    registry.write("waivers/unseen.yaml", WAIVER.format(manifest=manifest))
    registry.write(
        "models/llama-3-instruct/versions/1.0.0.yaml",
        "version: 1.0.0\nreleased: 2024-07-23T00:00:00Z\nchangelog: First.\n",
    )
    registry.write("models/gpt-5/versions/1.0.0.yaml", "version: 1.0.0\nreleased: 2026-01-01T00:00:00Z\n")
    request = SiteRequest(
        snapshot=Snapshot(WorkTree(registry.root)),
        root=registry.root,
        output=root / "site",
        commit=registry.commit_all("all", when="2026-11-21T00:00:00Z"),
        commit_time="2026-11-21T00:00:00Z",
    )
    build_site(request)
    return root


@pytest.fixture
def published(built: Path, capsys: pytest.CaptureFixture[str]) -> Published:
    """The command line on that registry, and the site's api folder."""
    return Registry(built / "registry", capsys), built / "site" / "api"


def serving(handler: Callable[..., BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def address(published: Published) -> Iterator[str]:
    """The site over HTTP on this machine."""
    for url in serving(partial(Quiet, directory=str(published[1].parent))):
        yield f"{url}/api"


@pytest.mark.parametrize("use", ["commercial", "internal", "research"])
@pytest.mark.parametrize(
    "name",
    [
        "llama-3",
        "llama-3@1.1.0",
        "llama-3@production",
        "llama-3-instruct",
        "gpt-5",
        "meta-llama/Meta-Llama-3-8B",
    ],
)
def test_a_site_answers_as_the_clone_does(published: Published, address: str, name: str, use: str) -> None:
    registry, _ = published
    more = ("--mau", "5", "--derivative", "--now", NOW, "--json", "--max-age", "7d")
    here = registry("deploy-check", name, "--use", use, *more)
    there = registry("deploy-check", name, "--use", use, *more, "--catalog", address)
    assert here.json == there.json
    assert here.code == there.code


def test_the_built_folder_answers_too(published: Published) -> None:
    registry, api = published
    outcome = registry("deploy-check", "llama-3", *ASK, "--catalog", str(api))
    assert outcome.out.startswith("warn: llama-3@1.0.0")


def test_an_answer_ends_with_what_it_rests_on(published: Published, address: str) -> None:
    registry, _ = published
    young = registry("deploy-check", "llama-3", *ASK, "--catalog", address, "--max-age", "60h", "--json")
    assert young.json["valid_until"] == "2026-11-23T12:00:00Z"


def test_an_old_mirror_decides_nothing(published: Published, address: str) -> None:
    registry, _ = published
    late = ("--use", "commercial", "--mau", "5", "--now", "2026-11-29T00:00:00Z", "--catalog", address)
    outcome = registry("deploy-check", "llama-3", *late)
    assert (outcome.code, outcome.out) == (4, "")
    assert "newest commit is of 2026-11-21T00:00:00Z, too old for --max-age 7d" in outcome.err
    assert registry("deploy-check", "llama-3", *late, "--max-age", "30d").code == 0
    young = (*ASK, "--catalog", address, "--max-age", "0m")
    assert registry("deploy-check", "llama-3", *young).code == 4, "no age at all is not that of a week"
    for limit in ("1m", "1h", "36h", "3d"):
        said = registry("deploy-check", "llama-3", *late, "--max-age", limit).err
        assert f"too old for --max-age {limit};" in said


def test_a_commit_of_the_future_says_nothing_about_age(published: Published, address: str) -> None:
    registry, _ = published
    early = ("--use", "commercial", "--mau", "5", "--now", "2026-11-19T00:00:00Z")
    outcome = registry("deploy-check", "llama-3", *early, "--catalog", address)
    assert (outcome.code, outcome.out) == (4, "")
    assert "lies in the future" in outcome.err


def test_a_waiver_expires_by_the_readers_clock(published: Published, address: str) -> None:
    registry, _ = published
    late = ("--use", "commercial", "--mau", "5", "--now", "2027-06-01T00:00:00Z", "--max-age", "900d")
    outcome = registry("deploy-check", "llama-3", *late, "--catalog", address)
    assert outcome.code == 1
    assert "has no scan record" in outcome.out


def test_a_mistyped_name_gets_a_hint(published: Published, address: str) -> None:
    registry, _ = published
    outcome = registry("deploy-check", "lama-3", *ASK, "--catalog", address)
    assert (outcome.code, outcome.out) == (2, "")
    assert "did you mean llama-3?" in outcome.err
    assert registry("deploy-check", "llama-3@", *ASK, "--catalog", address).code == 2, (
        "an empty version is none"
    )


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/api",
        "https://user:secret@example.org/api",
        "ftp://example.org/api",
        "https://example.org/api?token=secret",
        "https:///api",
        "no-such-folder",
    ],
)
def test_an_address_that_cannot_be_trusted_is_refused(registry: Registry, url: str) -> None:
    outcome = registry("deploy-check", "llama-3", *ASK, "--catalog", url)
    assert (outcome.code, outcome.out) == (2, "")
    assert "secret" not in outcome.err


def test_a_file_that_the_index_names_and_that_is_gone_decides_nothing(
    registry: Registry, tmp_path: Path
) -> None:
    (tmp_path / "index.json").write_bytes(listed(deploy("llama-3")))
    outcome = registry("deploy-check", "llama-3", *ASK, "--catalog", str(tmp_path))
    assert (outcome.code, outcome.out) == (4, "")
    assert "is not there, and index.json names it" in outcome.err


def test_at_needs_a_clone(published: Published, address: str) -> None:
    registry, _ = published
    assert registry("deploy-check", "llama-3", *ASK, "--catalog", address, "--at", "HEAD").code == 2


def test_nobody_listens(registry: Registry) -> None:
    outcome = registry("deploy-check", "llama-3", *ASK, "--catalog", "http://127.0.0.1:9/api")
    assert (outcome.code, outcome.out) == (4, "")


def index(files: list[dict[str, Any]], **more: Any) -> bytes:
    result = {"commit": "c" * 40, "commit_time": "2026-11-21T00:00:00Z", "files": files, **more}
    return json.dumps({"schema_version": 1, "total": 1, "result": result}).encode()


def listed(body: bytes) -> bytes:
    sha256 = hashlib.sha256(body).hexdigest()
    return index([{"path": "api/models/llama-3/deploy.json", "sha256": sha256, "size": len(body)}])


def deploy(name: str, *files: dict[str, Any], version: int = 1) -> bytes:
    result = {"name": name, "files": list(files)}
    return json.dumps({"schema_version": version, "total": 1, "result": result}).encode()


LIES: dict[str, Callable[[], tuple[bytes, bytes]]] = {
    "no json": lambda: (b"<html>sign in</html>", b""),
    "no envelope": lambda: (b"[]", b""),
    "deep": lambda: (b"[" * 200_000, b""),
    "another format": lambda: (listed(body := deploy("llama-3", version=2)), body),
    "no commit time": lambda: (index([], commit_time=None), b""),
    "a time that is none": lambda: (index([], commit_time="yesterday"), b""),
    "not the listed bytes": lambda: (listed(b"other"), deploy("llama-3")),
    "not listed": lambda: (index([]), deploy("llama-3")),
    "another model": lambda: (listed(body := deploy("gpt-5")), body),
    "files that are no list": lambda: (
        listed(body := b'{"schema_version": 1, "result": {"name": "llama-3", "files": 5}}'),
        body,
    ),
    "a path outside": lambda: (listed(body := deploy("llama-3", {"path": "../x.yaml", "text": ""})), body),
    "no text": lambda: (listed(body := deploy("llama-3", {"path": "catalog/policy.yaml"})), body),
}


@pytest.mark.parametrize("lie", LIES, ids=str)
def test_a_site_that_is_not_what_it_should_be_decides_nothing(registry: Registry, lie: str) -> None:
    front, deploy_body = LIES[lie]()

    class Liar(Quiet):
        def do_GET(self) -> None:
            body = front if self.path.endswith("index.json") else deploy_body
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    for url in serving(Liar):
        outcome = registry("deploy-check", "llama-3", *ASK, "--catalog", f"{url}/api")
        assert (outcome.code, outcome.out) == (4, ""), outcome.err
        assert outcome.err.count("\n") == 1


@pytest.mark.parametrize("fault", ["redirect", "error", "short", "huge", "compressed"])
def test_a_server_that_fails_decides_nothing(
    registry: Registry, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("budmodel.sources.published.MOST", 1 << 16)

    class Failing(Quiet):
        def do_GET(self) -> None:
            self.send_response({"redirect": 302, "error": 503}.get(fault, 200))
            if fault == "redirect":
                self.send_header("Location", "https://elsewhere.example/api/index.json")
            if fault == "compressed":
                self.send_header("Content-Encoding", "gzip")
            if fault == "short":
                self.send_header("Content-Length", "5000")
            self.end_headers()
            self.wfile.write(b" " * ((1 << 16) + 1) if fault == "huge" else b"{}")

    for url in serving(Failing):
        outcome = registry("deploy-check", "llama-3", *ASK, "--catalog", f"{url}/api")
        assert (outcome.code, outcome.out) == (4, ""), outcome.err
        assert outcome.err.count("\n") == 1


def test_a_list_of_another_commit_names_no_model(registry: Registry, tmp_path: Path) -> None:
    """It says which model comes from where on the Hub, and may say that of another one by now."""
    models = [{"name": "llama-3", "source": {"type": "huggingface", "model_id": "org/other"}}]
    body = json.dumps({"schema_version": 1, "total": 1, "result": models}).encode()
    (tmp_path / "models.json").write_bytes(body)
    (tmp_path / "index.json").write_bytes(index([]))
    outcome = registry("deploy-check", "org/other", *ASK, "--catalog", str(tmp_path))
    assert (outcome.code, outcome.out) == (4, "")
    assert "models.json is not the file that index.json names" in outcome.err
    listed_now = [{"path": "api/models.json", "sha256": hashlib.sha256(body).hexdigest()}]
    (tmp_path / "index.json").write_bytes(index(listed_now))
    assert "no model 'llama-3'" in registry("deploy-check", "org/other", *ASK, "--catalog", str(tmp_path)).err


def test_no_proxy_answers_for_this_machine(
    published: Published, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    registry, _ = published
    assert registry("deploy-check", "llama-3", *ASK, "--catalog", address).code == 0
