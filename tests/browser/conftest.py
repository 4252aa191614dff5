"""A real Chromium on a built site. Skipped, with the reason, where there is none."""

from __future__ import annotations

import os
import queue
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from budmodel.render.serve import serve
from render.site_catalog import build, make_catalog, model, put

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
Open = Callable[..., Any]


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The small catalog's site, served below a path as a project site would be."""
    root = tmp_path_factory.mktemp("registry")
    make_catalog(root)
    older = {"version": "0.9.0", "released": "2024-01-01T00:00:00Z", "precision": "fp16"}
    put(root, "models/failed/versions/0.9.0.yaml", {**older, "changelog": "The first one."})
    model(
        root,
        "failed",
        base_models=[{"model": "passed", "relation": "finetune"}],
        version={"precision": "bf16"},
    )
    # The page for missing addresses has to know the folder of the site.
    build(root, root / "served" / "repo", site_url="https://example.org/repo/")
    (root / "served" / "index.html").write_text("not part of the site")
    ready: queue.Queue[str] = queue.Queue()
    threading.Thread(target=serve, args=(root / "served", "127.0.0.1", 0, ready.put), daemon=True).start()
    yield ready.get(timeout=10) + "repo/"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium from ``BUDMODEL_CHROMIUM`` or the search path.

    Not for the whole session: as long as Playwright runs, so does an event loop in this thread, and whatever
    test comes next could start none of its own.
    """
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = os.environ.get("BUDMODEL_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not path or not Path(path).exists():
        pytest.skip("no Chromium: install the package chromium, or name one in BUDMODEL_CHROMIUM")
    with playwright.sync_playwright() as running:
        chromium = running.chromium.launch(executable_path=path, headless=True, args=ARGUMENTS)
        yield chromium
        chromium.close()


class Watch:
    """What went wrong on a page: console errors, requests that failed and requests to other origins."""

    def __init__(self, page: Any, address: str) -> None:
        self.problems: list[str] = []
        page.on("console", lambda m: self._say(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self._say(str(error)))
        page.on("response", lambda r: self._say(f"{r.status} {r.url}") if r.status >= 400 else None)
        page.on("requestfailed", lambda r: self._failed(r))
        page.on(
            "request",
            lambda r: None if r.url.startswith((address, "data:")) else self._say(f"foreign {r.url}"),
        )

    def _failed(self, request: Any) -> None:
        # Who goes on to another page while this one still loads, aborts what it asked for.
        if request.failure != "net::ERR_ABORTED":
            self._say(f"{request.failure} {request.url}")

    def _say(self, text: str) -> None:
        self.problems.append(text)


@pytest.fixture
def open_page(browser: Any, address: str) -> Iterator[Open]:
    """Opens a page of the site; ``open_page.problems`` is checked at the end of each test."""
    contexts: list[Any] = []
    watches: list[Watch] = []

    def opened(path: str, **options: Any) -> Any:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        watches.append(Watch(page, address))
        page.goto(address + path)
        return page

    yield opened
    problems = [problem for watch in watches for problem in watch.problems]
    for context in contexts:
        context.close()
    assert problems == []
