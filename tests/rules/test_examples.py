"""Every rule against its examples: a folder below ``tests/examples/<slug>/pass`` or ``/fail`` is a test.

A folder is a small repository. ``base/``, where it has one, is the base branch that judges; ``writers.json``
says who wrote the commits that brought acknowledgments; ``expect.txt`` of a failing example lists what this
rule finds: ``<severity> <path>:<line>:<column> <field-or-dash>``.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from budmodel.domain.waivers import NOT_WAIVABLE
from budmodel.findings import Finding
from budmodel.operations.judging import judges_of
from budmodel.rules.engine import Engine, Scope
from budmodel.rules.interface import Context
from budmodel.rules.registry import RULES, load
from budmodel.store.catalog import Snapshot
from budmodel.store.tree import WorkTree

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "tests" / "examples"
DOCS = ROOT / "site" / "docs" / "rules"
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def examples(kind: str) -> list[ParameterSet]:
    cases = sorted(EXAMPLES.glob(f"*/{kind}/*"))
    return [pytest.param(case.parts[-3], case, id=f"{case.parts[-3]}/{case.name}") for case in cases]


def context_of(case: Path) -> Context:
    head = Snapshot(WorkTree(case))
    if not (case / "base").is_dir():
        return Context(head=head, judges=judges_of(head), now=NOW, writers=writers_of(case))
    base = Snapshot(WorkTree(case / "base"))
    judges = judges_of(base, definitions=head)
    return Context(head=head, judges=judges, now=NOW, base=base, changed=changed(base, head))


def writers_of(case: Path) -> dict[str, frozenset[str]] | None:
    file = case / "writers.json"
    if not file.is_file():
        return None
    return {path: frozenset(names) for path, names in json.loads(file.read_text(encoding="utf-8")).items()}


def changed(base: Snapshot, head: Snapshot) -> dict[str, str]:
    before, after = dict(base.types), dict(head.types)
    found = {path: "D" for path in before if path not in after}
    found.update((path, "A") for path in after if path not in before)
    for path in before.keys() & after.keys():
        if before[path] != after[path] or base.tree.read(path) != head.tree.read(path):
            found[path] = "M"
    return found


def findings_of(slug: str, case: Path) -> list[Finding]:
    context = context_of(case)
    return list(Engine([load(slug)]).judge(context, Scope.everything(context)).findings)


def line_of(finding: Finding) -> str:
    return f"{finding.severity} {finding.path}:{finding.line}:{finding.column} {finding.field or '-'}"


@pytest.mark.parametrize(("slug", "case"), examples("pass"))
def test_pass(slug: str, case: Path) -> None:
    assert [line_of(finding) for finding in findings_of(slug, case)] == []


@pytest.mark.parametrize(("slug", "case"), examples("fail"))
def test_fail(slug: str, case: Path) -> None:
    found = findings_of(slug, case)
    expected = (case / "expect.txt").read_text(encoding="utf-8").splitlines()
    assert sorted(line_of(finding) for finding in found) == sorted(expected)
    for finding in found:
        assert finding.rule == slug
        assert finding.message and not finding.message.endswith("."), "one sentence without a full stop"
        assert "\n" not in finding.message + finding.fix
        assert finding.fix, "every finding says what to do next"


@pytest.mark.parametrize("slug", RULES)
def test_rule_is_complete(slug: str) -> None:
    rule = load(slug)
    assert rule.id == slug
    assert rule.title and not rule.title.endswith(".")
    assert type(rule).__doc__ and type(rule).visit.__doc__
    assert list(EXAMPLES.glob(f"{slug}/pass/*")), "a rule has an example that passes"
    assert list(EXAMPLES.glob(f"{slug}/fail/*/expect.txt")), "a rule has an example that fails"
    page = (DOCS / f"{slug}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {slug}\n")
    for heading in ("What", "Why", "How to mend"):
        assert f"\n## {heading}\n" in page
    says_never = "cannot be waived or lowered" in page
    assert says_never == (slug in NOT_WAIVABLE), "the page says whether the rule can be lowered"


def test_nothing_is_left_over() -> None:
    slugs = set(RULES)
    assert {folder.name for folder in EXAMPLES.iterdir() if folder.is_dir()} <= slugs
    assert {page.stem for page in DOCS.glob("*.md") if page.stem != "index"} <= slugs
    assert all((case / "expect.txt").is_file() for case in EXAMPLES.glob("*/fail/*"))


@pytest.mark.parametrize("slug", [slug for slug in RULES if load(slug).needs_base])
def test_without_a_base_a_comparing_rule_is_silent(slug: str) -> None:
    for case in EXAMPLES.glob(f"{slug}/*/*"):
        head = Snapshot(WorkTree(case))
        context = Context(head=head, judges=judges_of(head), now=NOW)
        assert not Engine([load(slug)]).judge(context, Scope.everything(context)).findings


@pytest.mark.parametrize("slug", RULES)
def test_broken_files_break_no_rule(slug: str, tmp_path: Path) -> None:
    """One bad file never hides the others, and never stops a rule."""
    for number, text in enumerate(("", "- a\n", "a: [", "name: 1\nbase_models: 7\nfiles: x\n", "\x00")):
        folder = tmp_path / "catalog" / "models" / f"m{number}"
        for path in ("model", "versions/1.0.0", "scans/1.0.0", "benchmarks/1.0.0/a"):
            file = folder / f"{path}.yaml"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    for path in ("policy", "hardware", "waivers/w", "removed/m1", "licenses/MIT", "acknowledgments/a/b/c"):
        file = tmp_path / "catalog" / f"{path}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("- 1\n")
    head = Snapshot(WorkTree(tmp_path))
    context = Context(head=head, judges=judges_of(head), now=NOW, base=head)
    Engine([load(slug)]).judge(context, Scope.everything(context))
