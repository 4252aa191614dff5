"""The repository itself: nothing of one machine in it, pinned workflows, locked dependencies."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from budmodel import __version__

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
LOCKS = [ROOT / "requirements/run.txt", ROOT / "requirements/test.txt"]
SCRIPTS = sorted((ROOT / "scripts").glob("*.sh"))
PINNED = re.compile(r"^[\w.-]+(?:/[\w.-]+)+@[0-9a-f]{40}$")
PUBLIC_HOSTS = {"pypi.org", "files.pythonhosted.org"}


@cache
def repository_files() -> tuple[Path, ...]:
    """All files that are, or would be, tracked."""
    listing = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found = (ROOT / name for name in set(listing.split("\0")) if name)
    return tuple(sorted(path for path in found if path.is_file() and not path.is_symlink()))


def texts() -> Iterator[tuple[str, str]]:
    """Path and content of the text files."""
    for path in repository_files():
        name = path.relative_to(ROOT).as_posix()
        data = path.read_bytes()
        if b"\0" not in data:
            yield name, data.decode("utf-8", "replace")


def package_sources() -> set[str]:
    """Where pip and uv fetch packages on this machine, other than the public index."""
    settings = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], check=False, capture_output=True, text=True
    ).stdout
    variables = [value for key, value in os.environ.items() if key.startswith(("PIP_", "UV_"))]
    found = set(re.findall(r"(?:https?|file)://[^\s'\"\\]+", " ".join([settings, *variables])))
    hosts = {urlsplit(url).hostname or url for url in found}
    return {host for host in hosts if host not in PUBLIC_HOSTS}


def test_no_file_names_this_checkout_or_home_folder() -> None:
    places = [place for place in (ROOT, Path.home() / "x") if len(place.parts) > 2]
    paths = "|".join(re.escape(str(place).removesuffix("/x")) for place in places)
    pattern = re.compile(rf"(?<![\w.:/-])(?:{paths})(?![\w-])") if paths else re.compile(r"(?!)")
    assert [f"{name}: {match[0]}" for name, text in texts() for match in pattern.finditer(text)] == []


def test_no_file_names_where_this_machine_gets_its_packages() -> None:
    sources = package_sources()
    assert [f"{name}: {host}" for name, text in texts() for host in sources if host in text] == []


def load(path: Path) -> dict[Any, Any]:
    """A workflow. YAML 1.1 reads the key ``on`` as True."""
    document = yaml.safe_load(path.read_text())
    assert isinstance(document, dict)
    return document


def steps(document: dict[Any, Any]) -> Iterator[dict[str, Any]]:
    for job in document["jobs"].values():
        yield from job.get("steps", [])


def test_there_are_workflows() -> None:
    assert [path.name for path in WORKFLOWS] == ["ci.yml", "gate.yml", "publish.yml", "scan.yml"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
class TestWorkflow:
    def test_pins_every_action_by_commit_and_names_its_version(self, path: Path) -> None:
        uses = [step["uses"] for step in steps(load(path)) if "uses" in step]
        assert [name for name in uses if not PINNED.match(name)] == []
        lines = [line for line in path.read_text().splitlines() if re.match(r"\s*(- )?uses:", line)]
        assert len(lines) == len(uses)
        assert [line for line in lines if not re.search(r" # v\d+\.\d+\.\d+$", line)] == []

    def test_grants_nothing_by_default_and_little_to_each_job(self, path: Path) -> None:
        document = load(path)
        assert document["permissions"] == {}
        allowed = {"security-events", "pages", "id-token"}
        for name, job in document["jobs"].items():
            writes = {scope for scope, level in job["permissions"].items() if level != "read"}
            assert writes <= allowed, name

    def test_lets_no_expression_into_a_script(self, path: Path) -> None:
        assert [step["run"] for step in steps(load(path)) if "${{" in step.get("run", "")] == []

    def test_keeps_no_credentials_in_the_checkout(self, path: Path) -> None:
        checkouts = [step for step in steps(load(path)) if "actions/checkout@" in step.get("uses", "")]
        assert checkouts
        # The scan pushes what it recorded, from the checkout that it reads as data; see the words there.
        pushing = {"head"} if path.name == "scan.yml" else set()
        assert all(
            step["with"]["persist-credentials"] is False
            for step in checkouts
            if step["with"].get("path") not in pushing
        )

    def test_uses_no_secret_and_ends_some_day(self, path: Path) -> None:
        if path.name == "scan.yml":
            # Its two secrets are those of a protected environment, and forks never get there.
            assert load(path)["jobs"]["scan"]["environment"] == "scanner"
            assert set(re.findall(r"secrets\.(\w+)", path.read_text())) == {
                "BUDMODEL_SIGNING_KEY",
                "BUDMODEL_PUSH_KEY",
            }
            assert "github.event.pull_request.head.repo.full_name == github.repository" in path.read_text()
        else:
            assert "secrets." not in path.read_text()
        assert all("timeout-minutes" in job for job in load(path)["jobs"].values())


def test_the_same_action_has_the_same_pin_everywhere() -> None:
    pins: dict[str, set[str]] = {}
    for path in WORKFLOWS:
        for step in steps(load(path)):
            action, _, commit = step.get("uses", "").partition("@")
            pins.setdefault(action, set()).add(commit)
    assert {action: commits for action, commits in pins.items() if len(commits) > 1} == {}


class TestGateWorkflow:
    document = load(ROOT / ".github/workflows/gate.yml")

    def test_checks_out_the_base_branch_only(self) -> None:
        checkouts = [
            step["with"] for step in steps(self.document) if "actions/checkout@" in step.get("uses", "")
        ]
        assert [each["ref"] for each in checkouts] == ["${{ github.event.pull_request.base.ref }}"]
        scripts = "\n".join(step.get("run", "") for step in steps(self.document))
        assert not re.search(r"git (checkout|switch|merge|worktree|restore|reset|pull)\b", scripts)

    def test_the_job_that_reads_the_change_can_write_nothing(self) -> None:
        assert self.document["jobs"]["gate"]["permissions"] == {"contents": "read"}

    def test_the_deciding_steps_may_not_fail_quietly(self) -> None:
        gate = self.document["jobs"]["gate"]
        assert "continue-on-error" not in gate
        assert "if" not in gate
        for step in gate["steps"]:
            assert "continue-on-error" not in step
        (check,) = [step for step in gate["steps"] if step["name"] == "Check"]
        assert "if" not in check
        assert check["run"].startswith(".venv/bin/budmodel check --base")
        assert "|" not in check["run"]


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_lock_files_hold_versions_and_hashes_and_nothing_else(path: Path) -> None:
    logical = path.read_text().replace("\\\n", " ").splitlines()
    shape = re.compile(r"^[a-z0-9][a-z0-9.-]*==[\w.!+]+( ; [^#@:/]+?)?( +--hash=sha256:[0-9a-f]{64})+ *$")
    assert [line for line in logical if not shape.match(line)] == []


def test_what_runs_is_what_was_tested() -> None:
    run, test = (set(re.findall(r"^[a-z0-9.-]+==\S+", path.read_text(), re.M)) for path in LOCKS)
    assert run <= test


def test_every_dependency_is_locked() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for path, wanted in zip(
        LOCKS, (project["project"]["dependencies"], project["dependency-groups"]["test"]), strict=True
    ):
        locked = set(re.findall(r"^([a-z0-9.-]+)==", path.read_text(), re.M))
        names = {re.sub(r"[._-]+", "-", re.split(r"[<>=!~;\[ ]", item)[0]).lower() for item in wanted}
        assert names <= {re.sub(r"[._-]+", "-", name) for name in locked}


def test_the_readme_names_only_make_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    for name in ("README.md", "CONTRIBUTING.md"):
        named = set(re.findall(r"(?:^|`)make ([a-z]+)", (ROOT / name).read_text(), re.M))
        assert named <= targets, name
    assert {"site", "test"} <= targets


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "CONTRIBUTING.md",
        *(f"site/docs/guides/{n}.md" for n in ("first-steps", "add-a-model", "gate")),
    ],
)
def test_the_documents_name_only_commands_that_exist(name: str) -> None:
    from budmodel.cli.main import COMMANDS

    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / name).read_text(), re.S)
    named = re.findall(r"budmodel ([a-z][a-z-]*)", "\n".join(blocks))
    assert named
    assert set(named) <= set(COMMANDS)


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"])
def test_relative_links_lead_somewhere(name: str) -> None:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", (ROOT / name).read_text())
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_changelog_mentions_the_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    assert f"## [{__version__}]" in text
    assert "## [Unreleased]" in text


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_shell_scripts_parse_and_stop_at_errors(path: Path) -> None:
    text = path.read_text()
    assert text.startswith("#!/bin/sh\n")
    assert "\nset -eu\n" in text
    assert "sudo " not in re.sub(r"(?m)^.*\b(?:die|say) .*$", "", text)
    subprocess.run(["sh", "-n", path], check=True)


def test_a_clamd_without_signatures_says_how_to_get_some(tmp_path: Path) -> None:
    clamd = tmp_path / "bin/clamd"
    clamd.parent.mkdir()
    clamd.write_text("#!/bin/sh\nexit 1\n")
    clamd.chmod(0o755)
    (tmp_path / "none").mkdir()
    env = {
        **os.environ,
        "PATH": f"{clamd.parent}{os.pathsep}{os.environ['PATH']}",
        "CLAMAV_DATABASE": str(tmp_path / "none"),
        "CLAMAV_RUN": str(tmp_path / "run"),
    }
    started = ["sh", ROOT / "scripts/clamd.sh", "start"]
    told = subprocess.run(started, env=env, check=False, capture_output=True, text=True)
    assert told.returncode == 1
    assert told.stderr == (
        f"clamd: no signatures in {tmp_path}/none; get today's with: sh scripts/clamd.sh start --fresh\n"
    )


def test_the_ci_script_parses_and_is_executable() -> None:
    path = ROOT / ".ci/run"
    subprocess.run(["bash", "-n", path], check=True)
    assert os.access(path, os.X_OK)


def test_every_script_of_the_makefile_exists() -> None:
    named = re.findall(r"scripts/[a-z]+\.sh", (ROOT / "Makefile").read_text())
    assert [name for name in named if not (ROOT / name).is_file()] == []


def test_code_owners_guard_each_kind_of_file() -> None:
    text = (ROOT / ".github/CODEOWNERS").read_text()
    for path in (
        "/catalog/models/",
        "/catalog/models/*/scans/",
        "/catalog/models/*/benchmarks/",
        "/catalog/licenses/",
        "/catalog/acknowledgments/",
        "/catalog/policy.yaml",
        "/catalog/allowed_signers",
        "/catalog/waivers/",
        "/catalog/removed/",
        "/.github/",
        "/tools/",
    ):
        assert re.search(rf"^{re.escape(path)} +@", text, re.M), path
