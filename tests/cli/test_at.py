"""``--at REV|DATE``: the catalog as it stood, read from Git alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import pytest

from cli.small_catalog import MODEL, VERSION, WAIVER, Registry

THEN, LATER = "2026-01-10T12:00:00Z", "2026-02-10T12:00:00Z"
CLOCK = ("--now", "2026-11-22T12:00:00Z")
QUESTIONS = {
    "list": ("list", "--license", "llama3"),
    "show": ("show", "llama-3", "--json", *CLOCK),
    "license-list": ("license", "list"),
    "license-show": ("license", "show", "llama3"),
    "license-check": ("license", "check", "llama-3", "--use", "commercial", "--mau", "9", *CLOCK, "--json"),
    "deploy-check": ("deploy-check", "llama-3", "--use", "internal", "--mau", "9", *CLOCK, "--json"),
    "leaderboard": ("leaderboard", *CLOCK, "--json"),
    "scans": ("scans", *CLOCK, "--json"),
    "lineage": ("lineage", "llama-3", "--json"),
    "history": ("history", "llama-3", "--json"),
    "versions": ("version", "list", "llama-3", *CLOCK, "--json"),
    "diff": ("version", "diff", "llama-3", "1.0.0", "1.1.0", "--json"),
    "find": ("find", "--sha256", "ab" * 32, "--json"),
}
RESULT = """\
results:
  - {benchmark: mmlu, metric: acc, value: 0.7, unit: fraction, origin: maker, source: https://example.org/mmlu}
"""


@pytest.fixture
def dated(registry: Registry) -> Registry:
    """Two commits, a month apart, between which everything changed."""
    registry.write("models/llama-3/benchmarks/1.0.0/2026-01-01-card-00000000.yaml", RESULT)
    registry.commit_all("First", THEN)
    registry.write("models/llama-3/model.yaml", MODEL.replace("8030261248", "1").replace("llm, base", "x"))
    registry.write("models/llama-3/versions/1.2.0.yaml", VERSION.format(version="1.2.0"))
    registry.write("models/other/model.yaml", "name: other\narchitecture: x\nparameter_count: 1\n"
                   "license_type: llama3\nbase_models: [{model: llama-3, relation: merge}]\n")  # fmt: skip
    registry.write("models/llama-3/benchmarks/1.0.0/2026-01-01-card-00000000.yaml", RESULT.replace("7", "8"))
    text = registry.read("licenses/llama-3-community.yaml")
    registry.write("licenses/llama-3-community.yaml", text.replace("700000000", "5"))
    registry.commit_all("Second", LATER)
    return registry


def _dirty(registry: Registry) -> Registry:
    registry.write("models/llama-3/model.yaml", "name: [")
    registry.write("licenses/MIT.yaml", "id: [")
    return registry


def _removed(registry: Registry) -> Registry:
    shutil.rmtree(registry.root / "catalog")
    return registry


def _bare(registry: Registry) -> Registry:
    bare = registry.root.with_name("bare.git")
    registry.git("clone", "-q", "--bare", ".", str(bare))
    registry.root = bare
    return registry


@pytest.mark.parametrize("state", [_dirty, _removed, _bare], ids=["dirty", "removed", "bare"])
def test_answers_as_a_check_out_of_that_day_would(
    dated: Registry, tmp_path: Path, state: Callable[[Registry], Registry]
) -> None:
    here, then = dated.root, tmp_path / "then"
    dated.git("clone", "-q", ".", str(then))
    dated.git("-C", str(then), "checkout", "-q", "HEAD~1")
    checked_out = Registry(then, dated._capsys)
    expected = {name: checked_out(*question) for name, question in QUESTIONS.items()}
    for name, question in QUESTIONS.items():
        assert dated(*question).out != expected[name].out, f"{name}: what is asked about changed since"
    there = state(dated)
    before, status = there.files(), dated.git("-C", str(here), "status", "--porcelain")
    for name, at in zip(QUESTIONS, cycle(("HEAD~1", "2026-01-10", "2026-02-10T11:59:59Z")), strict=False):
        outcome = there(*QUESTIONS[name], "--at", at)
        assert expected[name].code in (0, 1)
        assert (outcome.code, outcome.out) == (expected[name].code, expected[name].out), name
    assert there.files() == before
    assert dated.git("-C", str(here), "status", "--porcelain") == status


def test_the_commit_and_the_moment_are_told_in_utc(dated: Registry) -> None:
    commit = dated.git("rev-parse", "HEAD~1")[:10]
    day = dated("list", "--at", "2026-01-10")
    assert day.err == (
        f"budmodel: the catalog as it stood at 2026-01-10T23:59:59Z: commit {commit} of {THEN}\n"
    )
    assert (
        f"at 2026-01-10T12:30:00Z: commit {commit}" in dated("list", "--at", "2026-01-10T13:30:00+01:00").err
    )
    rev = dated("list", "--at", "HEAD~1")
    assert rev.err == f"budmodel: the catalog as it stood: commit {commit} of {THEN}\n"


@pytest.mark.parametrize(
    ("at", "code", "said"),
    [
        ("2025-12-31", 2, "the history begins on 2026-01-10T12:00:00Z, after 2025-12-31; name a later date"),
        ("2026-02-30", 2, "'2026-02-30' is no moment; write 2024-07-23 or 2024-07-23T12:00:00Z"),
        ("last month", 2, "is not a revision; name a branch, a tag or a commit; a date is written"),
        ("v9", 2, "the revision 'v9' is not in "),
        ("--at", 2, "'--at' is not a revision"),
    ],
)  # fmt: skip
def test_what_is_no_revision_and_no_date(dated: Registry, at: str, code: int, said: str) -> None:
    outcome = dated("list", f"--at={at}")
    assert (outcome.code, outcome.out) == (code, "")
    assert said in outcome.err
    assert outcome.err.count("\n") == 1


def test_a_shallow_clone_says_that_it_cannot_know(dated: Registry, tmp_path: Path) -> None:
    dated.git("clone", "-q", "--depth=1", dated.root.as_uri(), str(tmp_path / "shallow"))
    shallow = Registry(tmp_path / "shallow", dated._capsys)
    outcome = shallow("list", "--at", "2026-01-10")
    assert (outcome.code, outcome.out) == (4, "")
    assert "git fetch --unshallow" in outcome.err
    assert "git fetch --unshallow" in shallow("list", "--at", "HEAD~1").err
    history = shallow("history", "llama-3")
    assert history.code == 0
    assert "this clone is shallow" in history.err


def test_without_files_the_commits_still_answer_and_writing_is_refused(dated: Registry) -> None:
    _bare(dated)
    outcome = dated("list")
    assert outcome.code == 2
    assert "name one with --at REV or --at DATE" in outcome.err
    assert dated("set", "llama-3", "description=x").code == 2
    assert dated("history", "llama-3", "--json").json["total"] == 2
    assert dated("check", "--base", "HEAD~1", "--head", "HEAD").code in (0, 1)


def test_a_folder_without_a_catalog_in_its_commits_is_still_none(tmp_path: Path, dated: Registry) -> None:
    dated.git("init", "-q", str(tmp_path / "empty"))
    outcome = Registry(tmp_path / "empty", dated._capsys)("list", "--at", "HEAD")
    assert outcome.code == 2
    assert "no catalog/ folder" in outcome.err


def test_a_date_sets_the_clock_and_a_revision_does_not(registry: Registry) -> None:
    """What was waived on that day was waived on that day; an old branch asked today is as old as it is."""
    manifest = registry("show", "llama-3@1.0.0", "--json").json["result"]["versions"][0]["manifest_sha256"]
    registry.write("waivers/w.yaml", WAIVER.format(manifest=manifest).replace("2027-05-22", "2026-02-01"))
    registry.commit_all("All", THEN)

    def state(*more: str) -> str:
        rows = registry("scans", "llama-3@1.0.0", "--json", *more).json["result"]
        return str(rows[0]["text"])

    assert state("--at", "2026-01-15").startswith("not scanned, waived until 2026-02-01")
    assert state("--at", "2026-02-15") == "not scanned"
    assert state("--at", "2026-01-15", "--now", "2026-02-15") == "not scanned"
    assert state("--at", "HEAD", "--now", "2026-01-15").startswith("not scanned, waived")
    assert state("--at", "HEAD") == "not scanned"
    assert state("--at", "9999-12-31") == "not scanned"


def test_dates_that_run_backwards_leave_open_what_stood(registry: Registry) -> None:
    """Whoever commits states the date: what came after a withdrawal must not stand before it."""
    first = registry.commit_all("first", when="2026-01-10T12:00:00Z")
    for message, when in (("late", "2026-03-10T12:00:00Z"), ("says early", "2026-02-10T12:00:00Z")):
        registry.write("waivers/.gitkeep", message)
        last = registry.commit_all(message, when=when)
    outcome = registry("list", "--at", "2026-02-20")
    assert (outcome.code, outcome.out) == (4, "")
    assert "dates run backwards" in outcome.err and last[:10] in outcome.err
    assert first[:10] in registry("list", "--at", "2026-01-20").err
    assert last[:10] in registry("list", "--at", "2026-03-11").err
    assert registry("list", "--at", last).code == 0
