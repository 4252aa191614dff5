"""A loopback server that speaks the Hugging Face Hub's protocol, with switches for all that goes wrong.

It answers as the Hub was recorded: the models API (recorded bodies are replayed as they are), refs, tree in
pages, ``resolve`` with X-Repo-Commit, ETag, X-Linked-* and, for LFS files, a redirect to another origin
(``localhost`` where the Hub is ``127.0.0.1``), which serves ranges and must never see the token.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from sources.hub_repo import COMMIT, Repo, git_oid, sha256

ALWAYS = 10**6


@dataclass
class Request:
    """What was asked: for the log of a test."""

    method: str
    host: str
    path: str
    headers: dict[str, str]


@dataclass
class Fault:
    """Something that goes wrong ``times`` times with requests whose path and host the pattern finds."""

    pattern: str
    act: Callable[[Handler], None]
    times: int


class Handler(BaseHTTPRequestHandler):
    """Answers as the Hub does, unless a fault comes first."""

    protocol_version = "HTTP/1.1"
    hub: HubServer

    def log_message(self, *args: object) -> None:
        """Keeps quiet."""

    def do_GET(self) -> None:
        """One request of any kind."""
        headers = {key.lower(): value for key, value in self.headers.items()}
        host = headers.get("host", "").partition(":")[0]
        fault = self.hub.note(Request(self.command, host, self.path, headers))
        try:
            if fault is not None:
                fault.act(self)
            elif self.path.startswith("/cdn/"):
                self.send_content(self.hub.stored[self.path[5:69]], {"ETag": '"cdn"'})
            else:
                self._answer()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def do_HEAD(self) -> None:
        """The same without its body."""
        self.do_GET()

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        path, query = parts.path, parse_qs(parts.query)
        match = re.match(r"/api/models/(.+?)(?:/(revision|refs|tree)(?:/([^/]+))?)?$", path)
        if match is not None:
            return self._api(match[1], match[2], unquote(match[3] or ""), query)
        match = re.match(r"/(.+?)/resolve/([^/]+)/(.+)$", path)
        if match is not None:
            return self._resolve(match[1], unquote(match[2]), unquote(match[3]))
        return self.refuse(404)

    def _repo(self, repo_id: str) -> Repo | None:
        repo = self.hub.repos.get(repo_id)
        token = self.headers.get("authorization")
        if repo is None or (repo.needs_token and token != f"Bearer {repo.needs_token}"):
            # Who is not logged in cannot tell a missing repository from a private one.
            self.refuse(404 if token else 401, "RepoNotFound", "Repository not found")
            return None
        return repo

    def _api(self, repo_id: str, kind: str | None, revision: str, query: dict[str, list[str]]) -> None:
        moved = self.hub.renamed.get(repo_id)
        if moved is not None:
            return self.send_text(307, "Temporary Redirect.", {"Location": self.path.replace(repo_id, moved)})
        repo = self._repo(repo_id)
        if repo is None:
            return None
        if kind == "revision" and revision not in ("main", repo.sha, *repo.refs):
            return self.refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        if kind == "refs":
            branches = [{"name": "main", "ref": "refs/heads/main", "targetCommit": repo.sha}]
            branches += [
                {"name": k, "ref": f"refs/heads/{k}", "targetCommit": v} for k, v in repo.refs.items()
            ]
            return self.send_json({"branches": branches, "tags": [], "converts": []})
        if kind == "tree":
            return self._tree(repo, query)
        body = repo.body("blobs" in query)
        if "expand" in query:
            body = {key: body[key] for key in ("_id", "id", *query["expand"]) if key in body}
        return self.send_json(body)

    def _tree(self, repo: Repo, query: dict[str, list[str]]) -> None:
        if not repo.tree:
            return self.refuse(404)
        start, page = int(query.get("cursor", ["0"])[0]), self.hub.page
        entries = repo.entries()
        headers = {}
        if start + page < len(entries):
            where = self.path.partition("?")[0]
            headers["Link"] = f'<{self.hub.url}{where}?recursive=true&cursor={start + page}>; rel="next"'
        return self.send_json(entries[start : start + page], headers)

    def _resolve(self, repo_id: str, revision: str, path: str) -> None:
        repo = self._repo(repo_id)
        if repo is None:
            return None
        headers = {"X-Repo-Commit": repo.sha}
        content = repo.files.get(path)
        if content is None or revision not in ("main", repo.sha):
            return self.refuse(404, "EntryNotFound", "Entry not found", headers)
        headers["ETag"] = f'"{git_oid(content)}"'
        if path not in repo.lfs:
            return self.send_content(content, headers)
        key = sha256(content)
        self.hub.stored[key] = content
        headers |= {"X-Linked-Etag": f'"{key}"', "X-Linked-Size": str(len(content))}
        return self.send_text(
            302, "Found", headers | {"Location": f"{self.hub.cdn}/cdn/{key}?signature=secret"}
        )

    def refuse(
        self, status: int, code: str = "", message: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        """A refusal with the Hub's own headers."""
        told = {"X-Error-Code": code, "X-Error-Message": message}
        self.send_text(
            status, message, {key: value for key, value in told.items() if value} | dict(headers or {})
        )

    def send_json(self, value: Any, headers: Mapping[str, str] | None = None) -> None:
        """A JSON answer."""
        self.send_text(200, json.dumps(value), {"Content-Type": "application/json"} | dict(headers or {}))

    def send_text(self, status: int, text: str, headers: Mapping[str, str]) -> None:
        """A small answer."""
        self.send_bytes(status, text.encode(), headers)

    def send_content(self, content: bytes, headers: Mapping[str, str]) -> None:
        """A file, or the range of it that was asked for."""
        asked = re.match(r"bytes=([0-9]+)-([0-9]*)$", self.headers.get("range") or "")
        if asked is None:
            return self.send_bytes(200, content, headers)
        first, last = int(asked[1]), min(int(asked[2] or len(content)), len(content) - 1)
        if first > last:
            return self.send_bytes(416, b"", {"Content-Range": f"bytes */{len(content)}"})
        span = {"Content-Range": f"bytes {first}-{last}/{len(content)}"}
        return self.send_bytes(206, content[first : last + 1], dict(headers) | span)

    def send_bytes(
        self, status: int, body: bytes, headers: Mapping[str, str], *, pieces: Iterable[bytes] | None = None
    ) -> None:
        """Status, headers and body; ``pieces`` may deliver something else than the announced body."""
        self.send_response(status)
        for key, value in ({"Content-Length": str(len(body))} | dict(headers)).items():
            self.send_header(key, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        for piece in (body,) if pieces is None else pieces:
            self.wfile.write(piece)
            self.wfile.flush()
        if pieces is not None:
            self.close_connection = True


class HubServer:
    """The server of one test, on a free port; a context manager."""

    def __init__(self) -> None:
        handler = type("BoundHandler", (Handler,), {"hub": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._lock = threading.Lock()
        port = self._server.server_port
        self.url, self.cdn = f"http://127.0.0.1:{port}", f"http://localhost:{port}"
        self.repos: dict[str, Repo] = {}
        self.renamed: dict[str, str] = {}
        self.stored: dict[str, bytes] = {}
        self.page = 1000
        self.log: list[Request] = []
        self.faults: list[Fault] = []

    def __enter__(self) -> HubServer:
        self._thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def add(self, repo_id: str, files: Mapping[str, bytes], *, lfs: Iterable[str] = (), **more: Any) -> Repo:
        """A model with these files."""
        repo = Repo(repo_id, dict(files), frozenset(lfs), **more)
        self.repos[repo_id] = repo
        return repo

    def replay(self, body: dict[str, Any], *, files: Mapping[str, bytes] | None = None) -> Repo:
        """A model as a recorded API answer describes it; nothing but ``files`` can be read of it."""
        sha = body.get("sha") or COMMIT
        return self.add(body["id"], files or {}, recorded=body, tree=False, sha=sha)

    def note(self, request: Request) -> Fault | None:
        """Logs a request and finds what shall go wrong with it."""
        with self._lock:
            self.log.append(request)
            for fault in self.faults:
                if fault.times > 0 and re.search(fault.pattern, f"{request.host}{request.path}"):
                    fault.times -= 1
                    return fault
        return None

    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [request.path for request in self.log]

    def break_with(self, pattern: str, act: Callable[[Handler], None], *, times: int = ALWAYS) -> None:
        """Lets ``act`` answer requests whose ``host/path`` the pattern finds."""
        self.faults.append(Fault(pattern, act, times))

    def refuse(
        self,
        pattern: str,
        status: int,
        code: str = "",
        message: str = "",
        *,
        times: int = ALWAYS,
        **headers: str,
    ) -> None:
        """Answers with a status; header names are written with ``_`` for ``-``."""
        extra = {key.replace("_", "-"): value for key, value in headers.items()}
        self.break_with(pattern, lambda handler: handler.refuse(status, code, message, extra), times=times)

    def answer(
        self, pattern: str, body: bytes, *, status: int = 200, times: int = ALWAYS, **headers: str
    ) -> None:
        """Answers with a body of the test's own."""
        extra = {key.replace("_", "-"): value for key, value in headers.items()}
        self.break_with(pattern, lambda handler: handler.send_bytes(status, body, extra), times=times)

    def redirect(self, pattern: str, location: str, *, times: int = ALWAYS) -> None:
        """Sends the client elsewhere."""
        self.break_with(
            pattern, lambda handler: handler.send_text(302, "", {"Location": location}), times=times
        )

    def cut(self, pattern: str, content: bytes, *, after: int, times: int = 1) -> None:
        """Announces the content and breaks off after some bytes of it."""
        self.break_with(
            pattern,
            lambda handler: handler.send_bytes(200, content, {}, pieces=[content[:after]]),
            times=times,
        )

    def stall(
        self, pattern: str, seconds: float, *, pieces: Iterable[bytes] = (), times: int = ALWAYS
    ) -> None:
        """Sends the pieces one by one and sleeps after each; with none, it sleeps before the status line."""
        parts = list(pieces)

        def slowly() -> Iterable[bytes]:
            for piece in parts:
                yield piece
                time.sleep(seconds)

        def act(handler: Handler) -> None:
            if not parts:
                time.sleep(seconds)
                return handler.refuse(500)
            return handler.send_bytes(200, b"".join(parts), {}, pieces=slowly())

        self.break_with(pattern, act, times=times)
