"""A small web server for looking at a built site. For people at their desk, not for the Internet."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from budmodel.errors import NotFoundError, OutsideError
from budmodel.render.hosts import answering
from budmodel.render.reloading import NEWS_PATH, SCRIPT, SCRIPT_PATH, News, with_script

_TYPES = {
    "": "application/octet-stream",
    ".atom": "application/atom+xml",
    ".sqlite": "application/vnd.sqlite3",
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".gz": "application/gzip",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
    ".yaml": "application/yaml",
}
"""Stated here, since the types of the operating system differ from machine to machine."""


class _Handler(SimpleHTTPRequestHandler):
    news: News | None = None
    """Where pages load themselves again."""
    extensions_map = _TYPES
    server_version = "budmodel"
    sys_version = ""

    def guess_type(self, path: Any) -> str:
        """The type by our table alone."""
        return _TYPES.get(Path(path).suffix.lower(), _TYPES[""])

    def list_directory(self, path: Any) -> None:
        """No listings: a folder without index.html is not found."""
        self.send_error(HTTPStatus.NOT_FOUND)

    def translate_path(self, path: str) -> str:
        """The file of a request; never one outside of the site, not even through a link."""
        translated = super().translate_path(path)
        if not Path(translated).is_file() and (answer := answering(urlsplit(path).path)) is not None:
            translated = super().translate_path(answer)
        folder = Path(self.directory).resolve()
        inside = Path(translated).resolve().is_relative_to(folder)
        hidden = any(part.startswith(".") for part in Path(translated).relative_to(self.directory).parts)
        return translated if inside and not hidden else str(folder / ".absent")

    def do_GET(self) -> None:
        """A file; or, where pages load themselves again, the script, the news, and pages with the script."""
        path, _, query = self.path.partition("?")
        if self.news is None:
            super().do_GET()
        elif path == SCRIPT_PATH:
            self._answer(SCRIPT, _TYPES[".js"])
        elif path == NEWS_PATH:
            self._answer(str(self.news.after(query.removeprefix("seen="))).encode(), _TYPES[".txt"])
        elif (page := self._page()) is not None:
            self._answer(with_script(page.read_bytes()), _TYPES[".html"])
        else:
            super().do_GET()

    def _page(self) -> Path | None:
        """The page that a request asks for; None where it is none, or only a redirect leads there."""
        found = Path(self.translate_path(self.path))
        if self.path.partition("?")[0].endswith("/"):
            found = found / "index.html"
        return found if found.suffix == ".html" and found.is_file() else None

    def _answer(self, content: bytes, type_: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", type_)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """The site's own page for what is not there."""
        page = Path(self.directory) / "404.html"
        if code != HTTPStatus.NOT_FOUND or not page.is_file():
            super().send_error(code, message, explain)
            return
        content = page.read_bytes()
        self.send_response(HTTPStatus.NOT_FOUND)
        self.send_header("Content-Type", _TYPES[".html"])
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def end_headers(self) -> None:
        """A rebuilt site shows at once, and types are not guessed."""
        self.send_header("Cache-Control", "no-cache")
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Prints nothing: what to say is the caller's business."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that hangs up is no news."""


def serve(
    folder: Path,
    host: str = "127.0.0.1",
    port: int = 8000,
    on_ready: Callable[[str], None] | None = None,
    meanwhile: Callable[[News], None] | None = None,
) -> None:
    """Serves a built site until the user presses Ctrl-C.

    Args:
        folder: the built site.
        host: the address to bind.
        port: the port; 0 takes any that is free.
        on_ready: called with the URL once requests are answered.
        meanwhile: what goes on while requests are answered, such as building the site anew; pages then load
            themselves again when it tells news.

    Raises:
        NotFoundError: there is no site at that place.
        OutsideError: the port cannot be bound.
    """
    if not (folder / "index.html").is_file():
        raise NotFoundError(f"{folder} holds no site; run: budmodel site build")
    news = News() if meanwhile is not None else None
    handler = type("Handler", (_Handler,), {"news": news})
    try:
        server = _Server((host, port), partial(handler, directory=str(folder)))
    except OSError as error:
        raise OutsideError(
            f"cannot listen on {host} port {port}: {error.strerror}; choose another with --port"
        ) from None
    with server:
        if on_ready is not None:
            shown = f"[{host}]" if ":" in host else host
            on_ready(f"http://{shown}:{server.server_address[1]}/")
        with contextlib.suppress(KeyboardInterrupt):
            if meanwhile is None or news is None:
                server.serve_forever(poll_interval=0.2)
            else:
                threading.Thread(target=server.serve_forever, args=(0.2,), daemon=True).start()
                meanwhile(news)
