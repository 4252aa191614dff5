"""Renders the body of each generated page from its template."""

from __future__ import annotations

from collections import ChainMap, Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment

from budmodel.domain.leaderboard import Leaderboard
from budmodel.domain.leaderboard_overall import overall
from budmodel.domain.waivers import NOT_WAIVABLE
from budmodel.findings import CheckResult, Severity
from budmodel.render.board_charts import charts_of
from budmodel.render.evidence import MOST_FILES
from budmodel.render.facts import ModelFacts
from budmodel.render.filters import summary
from budmodel.render.lineage_graph import picture
from budmodel.render.names import Family, edges_of
from budmodel.render.rows import Release, Row
from budmodel.render.shell import Page, root_of
from budmodel.render.terms import limits, terms_of, verdict
from budmodel.rules.interface import Rule
from budmodel.schema.benchmark import Benchmark
from budmodel.schema.license import License

NEWEST = 8
"""Releases on the first page."""
MOST_EVIDENCE = 500
"""Versions in each list of the security page."""
_ENGINES = {
    "clamav": "known malware, by signatures",
    "content": "what a file really is; code, templates and settings that run it",
    "safetensors": "the header: sizes, overlaps, holes",
    "gguf": "the header, and chat templates",
    "onnx": "the graph's structure, and which other files it names",
    "pickle": "which functions loading would call",
    "archive": "what is inside containers, bombs, hidden members",
}
ATTENTION = 6
"""Models in each list of what needs attention."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the registry says of itself."""

    name: str
    description: str
    commit: str | None
    commit_time: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseRow:
    """A licence with the models under it."""

    license: License
    models: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """A rule in the index; ``documented`` where it has a page."""

    slug: str
    title: str
    severity: str
    waivable: bool
    needs_base: bool
    documented: bool


class Pages:
    """The generated pages of a site."""

    def __init__(self, templates: Environment, about: About, has_page: Callable[[str], bool]) -> None:
        self._templates = templates
        self._about = about
        self._has_page = has_page

    def _page(
        self, template: str, path: str, section: str, title: str, description: str, **values: Any
    ) -> Page:
        body = self._templates.get_template(template).render(root=root_of(path), about=self._about, **values)
        return Page(path=path, title=title, description=description, section=section, body=body)

    def home(
        self,
        rows: Sequence[Row],
        licenses: int,
        results: int,
        check: CheckResult | None,
        left_out: Sequence[str],
    ) -> Page:
        """The first page: counts, newest releases, what needs attention."""
        return self._page(
            "home.html.j2",
            "index.html",
            "overview",
            "Overview",
            self._about.description,
            counts=_counts(rows),
            models=len(rows),
            licenses=licenses,
            results=results,
            releases=_newest(rows),
            broken=[row for row in rows if row.errors][:ATTENTION],
            broken_total=sum(1 for row in rows if row.errors),
            failed=[row for row in rows if "failed" in row.scan_states][:ATTENTION],
            ending=_ending(rows)[:ATTENTION],
            checked=check is not None,
            left_out=left_out,
        )

    def models(self, rows: Sequence[Row]) -> Page:
        """The table of all models, with what its filter offers."""
        return self._page(
            "models.html.j2",
            "models/index.html",
            "models",
            "Models",
            f"All {len(rows)} models of {self._about.name}.",
            rows=rows,
            architectures=sorted({row.architecture for row in rows}),
            licenses=sorted({row.license_type for row in rows if row.license_type}, key=str.casefold),
            scans=_scan_choices(rows),
        )

    def model(self, facts: ModelFacts, benchmarks: Mapping[str, Benchmark], family: Family) -> Page:
        """The page of one model."""
        path = f"models/{facts.name}/index.html"
        known = family.names.__contains__
        # A version may have frozen other bases than its model states now.
        own = edges_of(facts.name, [base.model_dump() for base in facts.parents])
        up = ChainMap({facts.name: list(own)}, family.up)
        return self._page(
            "model.html.j2",
            path,
            "models",
            facts.name,
            summary(facts.model.description) or f"{facts.name}: a model of {self._about.name}.",
            m=facts,
            benchmarks=benchmarks,
            known=known,
            lineage=picture(facts.name, up, family.down, known, root_of(path)),
            most_files=MOST_FILES,
        )

    def licenses(self, rows: Sequence[LicenseRow]) -> Page:
        """The table of all licences."""
        return self._page(
            "licenses.html.j2",
            "licenses/index.html",
            "licences",
            "Licences",
            "What each licence of the registry allows, in short.",
            rows=rows,
            verdict=verdict,
            limits=limits,
        )

    def license(self, row: LicenseRow) -> Page:
        """The page of one licence."""
        return self._page(
            "license.html.j2",
            f"licenses/{row.license.id}/index.html",
            "licences",
            row.license.name,
            f"What {row.license.name} allows, demands and forbids.",
            l=row.license,
            terms=terms_of(row.license),
            models=row.models,
            verdict=verdict,
        )

    def leaderboard(self, ranked: Leaderboard, definitions: Mapping[str, Benchmark]) -> Page:
        """All boards on one page."""
        shown = {board.benchmark.id for board in ranked.boards}
        return self._page(
            "leaderboard.html.j2",
            "leaderboard/index.html",
            "leaderboard",
            "Leaderboard",
            "Benchmark results, ranked where they can be compared.",
            # Boards on which something is compared come first; both halves keep the order of the definitions.
            boards=sorted(ranked.boards, key=lambda board: all(group.alone for group in board.groups)),
            undefined=ranked.undefined,
            overall=overall(ranked),
            charts=sorted(
                charts_of(ranked, root_of("leaderboard/index.html")), key=lambda chart: -chart.points
            ),
            names={id_: definition.name for id_, definition in definitions.items()},
            empty=[definition for id_, definition in definitions.items() if id_ not in shown],
        )

    def security(self, rows: Sequence[Row]) -> Page:
        """Coverage, engines, dates of signatures, what is waived until when."""
        found = [row for model in rows for row in model.evidence]
        used = Counter(engine for row in found for engine in row.engines.split(", ") if engine)
        verdicts = [
            row for row in found if row.finished and row.state.slug in ("passed", "failed", "unproven")
        ]
        attention = [row for row in found if row.state.slug != "passed"]
        attention.sort(
            key=lambda row: (row.state.slug != "failed", row.state.waived_until is not None, row.name)
        )
        return self._page(
            "security.html.j2",
            "security/index.html",
            "security",
            "Security",
            "Which versions were scanned, by what, and until when that is believed.",
            counts=[
                ("versions with bytes", len(found)),
                ("passed", sum(row.state.slug == "passed" for row in found)),
                ("failed", sum(row.state.slug == "failed" for row in found)),
                ("waived", sum(row.state.waived_until is not None for row in found)),
                ("signed by a trusted key", sum(row.trusted for row in found)),
            ],
            attention=attention,
            evidence=sorted(verdicts, key=lambda row: (row.believed_until or "", row.name)),
            engines=[(name, used[name], what) for name, what in _ENGINES.items() if used[name]],
            most=MOST_EVIDENCE,
        )

    def rules(self, rules: Mapping[str, Rule[Any]]) -> Page:
        """The index of all rules of the gate."""
        rows = [
            RuleRow(
                slug=slug,
                title=rule.title,
                severity=rule.severity.value,
                waivable=slug not in NOT_WAIVABLE,
                needs_base=rule.needs_base,
                documented=self._has_page(f"rules/{slug}/index.html"),
            )
            for slug, rule in rules.items()
        ]
        return self._page(
            "rules.html.j2",
            "rules/index.html",
            "rules",
            "Rules",
            "What the checks of this registry look for.",
            rows=rows,
            errors=sum(1 for row in rows if row.severity == Severity.ERROR.value),
        )

    def not_found(self, root: str) -> Page:
        """What is shown for an address that does not exist, at any depth."""
        body = self._templates.get_template("404.html.j2").render(root=root, about=self._about)
        return Page(path="404.html", title="Not found", description="No such page.", section="", body=body)


_SCAN_LABELS = {
    "passed": "passed",
    "waived": "waived",
    "not-scanned": "not scanned",
    "scanning": "scan unfinished",
    "skipped": "scan skipped",
    "unproven": "in doubt",
    "failed": "failed",
    "no-artifacts": "no artifacts",
}


def _counts(rows: Sequence[Row]) -> dict[str, int]:
    """Versions by scan state."""
    found = dict.fromkeys(_SCAN_LABELS, 0)
    for row in rows:
        for state in row.scan_states:
            found[state] += 1
    found["versions"] = sum(row.versions for row in rows)
    return found


def _ending(rows: Sequence[Row]) -> list[tuple[str, list[str]]]:
    """The days on which waivers end, soonest first, each with the models that rest on them."""
    found: dict[str, list[str]] = {}
    for row in rows:
        if row.waived_until:
            found.setdefault(row.waived_until, []).append(row.name)
    return sorted(found.items())


def _scan_choices(rows: Sequence[Row]) -> list[tuple[str, str]]:
    present = {row.scan.filter for row in rows}
    return [(slug, label) for slug, label in _SCAN_LABELS.items() if slug in present]


def _newest(rows: Sequence[Row]) -> list[Release]:
    releases = [row.newest for row in rows if row.newest is not None]
    return sorted(releases, key=lambda release: (release.released, release.name), reverse=True)[:NEWEST]
