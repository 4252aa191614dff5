"""`site serve`: a change to a file is on the screen without a hand on the keyboard."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from render.site_catalog import make_catalog, model

pytestmark = pytest.mark.browser
TOOLS = Path(__file__).parent.parent.parent / "tools"


@pytest.fixture
def served(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Path, str, Any]]:
    """A registry, the address at which it is served, and the process."""
    make_catalog(tmp_path)
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "catalog")
    git(tmp_path, "commit", "--quiet", "--message", "All that there is")
    more = getattr(request, "param", [])
    command = [sys.executable, "-m", "budmodel", "-C", str(tmp_path), "site", "serve", "--port", "0", *more]
    environment = {**os.environ, "PYTHONPATH": str(TOOLS), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    found = re.search(r"http://\S+/", process.stdout.readline())
    assert found is not None
    yield tmp_path, found[0], process
    process.kill()
    process.wait()


def git(root: Path, *args: str) -> None:
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    subprocess.run(["git", *who, *args], cwd=root, check=True)


def get(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return answer.read()  # type: ignore[no-any-return]


def test_an_open_page_shows_what_changed(served: tuple[Path, str, Any], browser: Any) -> None:
    root, address, process = served
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{address}models/passed/")
    model(root, "passed", description="Told a moment ago.")
    page.get_by_text("Told a moment ago.").first.wait_for(timeout=60_000)
    assert said == []
    # Nothing of the server's script is in the built site.
    assert b"/-/" not in (root / "build/site/models/passed/index.html").read_bytes()
    page.close()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) == 0


def test_a_commit_is_on_the_page(served: tuple[Path, str, Any], browser: Any) -> None:
    root, address, _ = served
    page = browser.new_page()
    page.goto(f"{address}changes/")
    model(root, "another")
    git(root, "add", "catalog")
    git(root, "commit", "--quiet", "--message", "A model for tomorrow")
    page.get_by_text("A model for tomorrow").first.wait_for(timeout=60_000)
    page.close()


def told(process: Any, words: str) -> str:
    """The next line on standard error that holds some words."""
    for line in process.stderr:
        if words in line:
            return str(line)
    raise AssertionError(f"the server ended without saying {words!r}")


def test_what_is_broken_is_told_and_the_last_site_stays(served: tuple[Path, str, Any]) -> None:
    root, address, process = served
    passed = get(f"{address}models/passed/")
    record = root / "catalog/models/passed/model.yaml"
    good = record.read_bytes()
    record.write_text("name: [passed\n")
    assert told(process, "the last site is served").startswith(
        "budmodel: catalog/models/passed/model.yaml:1:7: "
    )
    record.write_text('{"name": "passed", "architecture": "llama", "parameter_count": -1}')
    assert "catalog/models/passed/model.yaml:1:" in told(process, "the last site is served")
    # Another file is whole, but that one is still broken.
    model(root, "another")
    assert "catalog/models/passed/model.yaml:1:" in told(process, "the last site is served")
    assert get(f"{address}models/passed/") == passed
    record.write_bytes(good)
    told(process, "built 10 models")
    assert b"another" in get(f"{address}models/another/")


@pytest.mark.parametrize("template", ["{% if %}", "{{ no_such_name }}"], ids=["syntax", "name"])
def test_a_broken_template_does_not_end_the_server(template: str, served: tuple[Path, str, Any]) -> None:
    root, address, process = served
    shutil.copytree(TOOLS.parent / "site", root / "site")
    shutil.copy(TOOLS.parent / "mkdocs.yml", root)
    told(process, "built ")
    told(process, "built ")
    page = root / "site/templates/rules.html.j2"
    before = get(f"{address}rules/")
    page.write_text(page.read_text() + template)
    told(process, "the last site is served")
    assert get(f"{address}rules/") == before


@pytest.mark.parametrize("served", [["--no-reload"]], indirect=True)
def test_without_reload_files_are_served_as_they_are(served: tuple[Path, str, Any]) -> None:
    root, address, _ = served
    page = root / "build/site/models/passed/index.html"
    assert get(f"{address}models/passed/") == page.read_bytes()
