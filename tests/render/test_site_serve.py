"""The local web server: types, missing pages, nothing outside of the site."""

from __future__ import annotations

import http.client
import queue
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from budmodel.errors import NotFoundError, OutsideError
from budmodel.render.serve import serve


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    ready: queue.Queue[str] = queue.Queue()
    threading.Thread(target=serve, args=(site, "127.0.0.1", 0, ready.put), daemon=True).start()
    yield ready.get(timeout=10)


def get(address: str, path: str, method: str = "GET") -> tuple[int, str, bytes]:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=10)
    try:
        connection.putrequest(method, path, skip_host=False)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.getheader("Content-Type", ""), answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("path", "type_"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/models/passed/", "text/html; charset=utf-8"),
        ("/api/models.json", "application/json"),
        ("/api/models", "application/json"),
        ("/api/models?x=1", "application/json"),
        ("/api/models/passed", "application/json"),
        ("/api/models/passed/versions", "application/json"),
        ("/api/models/leaderboard", "application/json"),
        ("/api/changes.atom", "application/atom+xml"),
        ("/assets/budmodel/models.js", "text/javascript; charset=utf-8"),
        ("/assets/budmodel/site.css", "text/css; charset=utf-8"),
        ("/assets/budmodel/icon.svg", "image/svg+xml"),
    ],
)
def test_types(address: str, path: str, type_: str) -> None:
    status, found, _ = get(address, path)
    assert (status, found) == (200, type_)


@pytest.mark.parametrize(
    "path",
    [
        "/absent",
        "/api/models/absent",
        "/api/models/../../../x",
        "/api/",
        "/assets/",
        "/.budmodel-site",
        "/../../../etc/passwd",
        "/%2e%2e/%2e%2e/x",
    ],
)
def test_what_is_not_there_gets_the_sites_own_page(address: str, path: str) -> None:
    status, type_, body = get(address, path)
    assert (status, type_) == (404, "text/html; charset=utf-8")
    assert b"There is nothing here" in body


def test_links_do_not_lead_out(address: str, site: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    link = site / "leak.txt"
    link.symlink_to(tmp_path / "secret.txt")
    try:
        assert get(address, "/leak.txt")[0] == 404
    finally:
        link.unlink()


def test_errors_are_sentences(site: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="budmodel site build"):
        serve(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OutsideError, match="choose another with --port"):
            serve(site, port=taken.getsockname()[1])
