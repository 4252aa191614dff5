"""Files for hosts, read in the syntax of the hosts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from budmodel.render.hosts import answering, headers, redirects

LIMIT = 2000
"""Characters of a line that Cloudflare Pages reads."""


def rules() -> list[tuple[str, str, str]]:
    found = []
    for line in redirects().splitlines():
        shown, file, status = line.split()
        found.append((shown, file, status))
    return found


def parsed() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    path = ""
    for line in headers().splitlines():
        assert len(line) <= LIMIT
        if line.startswith("/"):
            path = line
            found[path] = {}
        else:
            name, value = re.fullmatch(r"  ([A-Za-z-]+): (.+)", line).groups()  # type: ignore[union-attr]
            found[path][name] = value
    return found


def pattern(shown: str) -> re.Pattern[str]:
    """A rule as Cloudflare Pages reads it: a placeholder is anything but a slash."""
    return re.compile(re.sub(r":[A-Za-z]\w*", "[^/]+", re.escape(shown).replace(r"\:", ":")))


def asked(path: str) -> str:
    """The file that the rules answer with; the first that matches counts."""
    for shown, file, status in rules():
        names = re.findall(r":([A-Za-z]\w*)", shown)
        match = re.fullmatch(re.sub(r":([A-Za-z]\w*)", r"(?P<\1>[^/]+)", shown), path)
        if match is not None:
            assert status == "200"
            for name in names:
                file = file.replace(f":{name}", match[name])
            return file
    return path


def test_the_files_are_in_the_site(site: Path) -> None:
    assert (site / ".nojekyll").read_bytes() == b""
    assert (site / "_headers").read_text() == headers()
    assert (site / "_redirects").read_text() == redirects()


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("/api/models", "/api/models.json"),
        ("/api/models/passed/", "/api/models/passed.json"),
        ("/api/models/passed/scan", "/api/models/passed/scan.json"),
        ("/api/models/leaderboard", "/api/models/leaderboard.json"),
        ("/api/licenses", "/api/licenses.json"),
    ],
)
def test_addresses_without_an_ending_are_answered(site: Path, path: str, file: str) -> None:
    assert asked(path) == file == answering(path)
    assert (site / file.lstrip("/")).is_file()


def test_no_rule_catches_a_file(site: Path) -> None:
    """Cloudflare Pages follows a redirect before it looks for a file."""
    files = [f"/{path.relative_to(site).as_posix()}" for path in site.rglob("*") if path.is_file()]
    assert [path for path in files if any(pattern(shown).fullmatch(path) for shown, _, _ in rules())] == []


def test_a_placeholder_is_a_whole_part_of_the_address() -> None:
    """GitLab Pages takes nothing else for one."""
    for shown, _, _ in rules():
        assert all(re.fullmatch(r":[a-z]+|[a-z]+|", part) for part in shown.split("/")), shown


def test_headers_protect_pages_and_open_the_api() -> None:
    found = parsed()
    everywhere = found["/*"]
    assert everywhere["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in everywhere["Content-Security-Policy"]
    assert "unsafe" not in everywhere["Content-Security-Policy"]
    for path in ("/api/*", "/schemas/*", "/badges/*"):
        assert found[path]["Access-Control-Allow-Origin"] == "*"
        assert not found[path].keys() & everywhere.keys()
    assert found["/api/changes.atom"]["Content-Type"] == "application/atom+xml; charset=utf-8"


def test_the_header_says_nothing_that_a_page_does_not(site: Path) -> None:
    (policy,) = re.findall(
        r'http-equiv="Content-Security-Policy" content="([^"]*)"', (site / "index.html").read_text("utf-8")
    )
    page = set(policy.replace("&#39;", "'").split("; "))
    header = set(parsed()["/*"]["Content-Security-Policy"].split("; "))
    assert header - page == {"frame-ancestors 'none'"}
