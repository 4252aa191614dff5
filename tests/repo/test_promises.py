"""What fixes, guides and pages promise is there: every command and every rule that they name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from budmodel.cli.main import COMMANDS, budmodel
from budmodel.domain.formats import ENGINES_OF, REFUSED
from budmodel.domain.waivers import NOT_WAIVABLE
from budmodel.operations.deploying import RULES as DEPLOY_RULES
from budmodel.render.openapi_paths import ENDPOINTS
from budmodel.rules.registry import RULES, load
from budmodel.schema.governance import Policy
from budmodel.store.yaml_reader import load as load_yaml

ROOT = Path(__file__).resolve().parents[2]
RULE_SOURCES = sorted((ROOT / "tools/budmodel/rules").glob("*.py"))
DOCUMENTS = [
    *(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "SECURITY", "CHANGELOG")),
    *sorted((ROOT / "site/docs").rglob("*.md")),
]
TEMPLATES = sorted((ROOT / "site/templates").glob("*.j2"))
PAGES = [
    path
    for folder in ("guides", "reference")
    for path in sorted((ROOT / "site/docs" / folder).glob("*.md"))
    if path.name != "cli.md"
]
FAMILIES = (
    "ack", "benchmark", "changelog", "default-version", "files", "license", "lineage", "name", "owner",
    "requirements", "scan", "schema", "secret", "source", "tombstone", "version", "waiver", "yaml",
)  # fmt: skip
NO_RULES = {"schema-version", "license-text", *COMMANDS}
"""Other words that look like the name of a rule."""
_CODE = re.compile(r"```(?:sh|console)\n(.*?)```|`([^`\n]+)`|<code>(.*?)</code>", re.S)
_COMMAND = re.compile(r"(?<![\w./-])budmodel ([a-z][a-z-]*)(?: ([a-z][a-z0-9|-]*)(?=[\s`.,;:)|]|$))?")


def code_of(path: Path) -> str:
    """What stands in code: blocks for a shell, and words between backticks."""
    text = path.read_text(encoding="utf-8")
    return "\n".join(next(filter(None, found), "") for found in _CODE.findall(text))


def wrong_commands(text: str) -> list[str]:
    """The commands in a text that do not exist."""
    context = click.Context(budmodel)
    wrong = []
    for name, sub in _COMMAND.findall(text):
        if name not in COMMANDS:
            wrong.append(name)
            continue
        command = budmodel.get_command(context, name)
        if isinstance(command, click.Group) and sub:
            wrong += [f"{name} {one}" for one in sub.split("|") if command.get_command(context, one) is None]
    return wrong


_CALL = re.compile(r"(?<![\w./-])budmodel ((?:\\\n|(?!\$\()[^\n`;|&#>)])*)")
_GLOBAL = {"--root", "--debug", "--help", "--version", "-C"}


def wrong_options(text: str) -> list[str]:
    """The options in a text that the command beside which they stand does not take."""
    wrong = []
    for call in _CALL.findall(text):
        words = call.replace("\\\n", " ").split()
        command: click.Command = budmodel
        path = []
        while words and isinstance(command, click.Group):
            found = command.get_command(click.Context(command), words[0])
            if found is None:
                break
            command = found
            path.append(words.pop(0))
        if not isinstance(command, click.Group):
            known = {flag for one in command.params for flag in (*one.opts, *one.secondary_opts)} | _GLOBAL
            given = (word.partition("=")[0].rstrip(".,:\"'") for word in words if re.match("--?[a-z]", word))
            wrong += [" ".join([*path, flag]) for flag in given if flag not in known]
    return wrong


@pytest.mark.parametrize("path", RULE_SOURCES, ids=lambda path: path.stem)
def test_fixes_name_commands_and_options_that_exist(path: Path) -> None:
    assert wrong_commands(path.read_text(encoding="utf-8")) == []
    assert wrong_options(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", [*DOCUMENTS, *TEMPLATES], ids=lambda path: path.name)
def test_pages_name_commands_and_options_that_exist(path: Path) -> None:
    assert wrong_commands(code_of(path)) == []
    assert wrong_options(code_of(path)) == []


def test_a_command_that_is_not_there_is_seen() -> None:
    assert wrong_commands("run: budmodel scam x@1.0.0; budmodel version ad x; budmodel import s3|disk") == [
        "scam",
        "version ad",
        "import disk",
    ]
    assert wrong_commands("budmodel import s3 s3://x, budmodel list, and budmodel version default NAME") == []
    script = "budmodel list --tags x; budmodel version add a 1.0.0 \\\n  --file f --json | cat --all"
    assert wrong_options(script) == ["list --tags", "version add --file"]
    assert wrong_options('budmodel site build --now "$(date -u +%F)"; budmodel list --json.') == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_pages_name_rules_that_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    words = re.findall(r"`([a-z]+(?:-[a-z]+)+)`", text)
    named = {word for word in words if word.startswith(tuple(f"{family}-" for family in FAMILIES))}
    assert named - set(RULES) - NO_RULES == set()


@pytest.mark.parametrize("slug", RULES)
def test_a_rule_page_says_what_the_rule_is(slug: str) -> None:
    rule = load(slug)
    line = (ROOT / f"site/docs/rules/{slug}.md").read_text(encoding="utf-8").splitlines()[2]
    severities = re.findall(r"\*\*(\w+)\*\*", line)
    assert line.startswith(f"*{rule.title}.*") and rule.severity.value in severities
    assert rule.needs_base == ("only under `budmodel check --base REV`" in line)


def guide(name: str) -> str:
    return (ROOT / f"site/docs/guides/{name}.md").read_text(encoding="utf-8")


def words_in_code(text: str) -> set[str]:
    text = re.sub(r"(?ms)^```.*?^```$", "", text)
    return {word for code in re.findall(r"`([^`]+)`", text) for word in re.findall(r"[\w.-]+", code)}


def test_the_gate_s_guide_names_the_rules_that_need_a_base() -> None:
    sentence = re.search(r"need `--base`: (.*?)\.\n", guide("gate"), re.S)
    assert sentence is not None
    assert words_in_code(sentence[1]) == {slug for slug in RULES if load(slug).needs_base}


def test_the_policy_s_guide_names_the_rules_that_cannot_be_lowered() -> None:
    sentence = re.search(r"These rules cannot be lowered: (.*?)\.\n", guide("policy-and-waivers"), re.S)
    assert sentence is not None
    assert words_in_code(sentence[1]) == NOT_WAIVABLE


def test_the_scanning_guide_has_the_engines_of_each_format() -> None:
    section = guide("scanning").partition("## Formats and engines\n")[2].partition("\n## ")[0]
    told = {}
    for formats, engines in re.findall(r"^\| (`.*?) \| (.*?) \|$", section, re.M):
        needs = frozenset(re.findall(r"`(\w+)`", engines))
        told |= dict.fromkeys(re.findall(r"`(\w+)`", formats), needs)
    assert told == {name: set(engines) - {"clamav", "content"} for name, engines in ENGINES_OF.items()}
    assert set(re.findall(r"`(\w+)`", section.partition("\n- ")[2].partition(" can run code")[0])) == REFUSED


def test_the_reading_guide_has_the_states_of_the_site() -> None:
    code = (ROOT / "tools/budmodel/render/scans.py").read_text(encoding="utf-8")
    labels = set(re.findall(r'label="([^"]+)"', code)) | set(
        re.findall(r'_state\(\s*"[^"]+", "([^"]+)"', code)
    )
    table = guide("reading").partition("## Scan states")[2].partition("\n## ")[0]
    assert set(re.findall(r"(?m)^\| ([a-z ]+) \|", table)) == labels


def leaves(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            assert found is not None
            yield from leaves(found, f"{name} {inner}".strip())
    else:
        yield name, command


def test_the_guide_to_the_past_names_each_command_that_reads_it() -> None:
    section = guide("history-and-audit").partition("## Who changed what")[0]
    named = words_in_code(section) | set(re.findall(r"(?m)^budmodel (.+?) (?:NAME|--)", section))
    named |= {word for phrase in named for word in phrase.split()}
    reading = {name for name, one in leaves(budmodel, "") if "at" in {option.name for option in one.params}}
    assert len(reading) > 15
    assert [name for name in reading if not set(name.split()) <= named] == []


SECTIONS = {
    "model": "model.yaml",
    "version": "versions/",
    "scan": "scans/",
    "license": "licenses/",
    "results": "Benchmark results",
    **dict.fromkeys(("catalog", "waiver", "acknowledgment", "tombstone", "benchmarks", "hardware"), "Others"),
}
"""Where on the page of the catalog's files a kind of record is told."""


def fields(schema: Any) -> Iterator[str]:
    """All properties of a schema, those of its parts as well."""
    for part in (schema, *schema.get("$defs", {}).values()):
        yield from part.get("properties", {})


@pytest.mark.parametrize("kind", [*SECTIONS, "policy"])
def test_each_field_of_a_record_is_told(kind: str) -> None:
    schema = json.loads((ROOT / f"schemas/v1/{kind}.schema.json").read_text(encoding="utf-8"))
    page = (ROOT / "site/docs/reference/files.md").read_text(encoding="utf-8")
    if kind == "policy":
        text = guide("policy-and-waivers")
        assert set(schema["properties"]) <= words_in_code(page)
    else:
        # What several records have is told once; a field of this record alone stands in its own section.
        own = page.partition(f"\n## {SECTIONS[kind]}")[2].partition("\n## ")[0]
        assert set(schema["properties"]) - {"annotations"} <= words_in_code(own) | {"results"}
        text = page
    assert [name for name in fields(schema) if not re.search(rf"\b{name}\b", text)] == []


def test_the_example_of_a_policy_is_one() -> None:
    (example,) = re.findall(r"```yaml\n(licenses:.*?)```", guide("policy-and-waivers"), re.S)
    Policy.model_validate(load_yaml(example.encode()))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_has_a_title_and_says_what_it_is_about(path: Path) -> None:
    assert re.match(r"---\ntitle: .+\ndescription: .+\n---\n", path.read_text(encoding="utf-8"))


def test_each_guide_is_in_the_menu() -> None:
    menu = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert [path.name for path in PAGES if f" {path.relative_to(ROOT / 'site/docs')}\n" not in menu] == []


def test_the_reasons_of_the_deployment_guide_are_given() -> None:
    table = guide("deploy").partition("## When it says no")[2].partition("\n## ")[0]
    cells = "\n".join(re.findall(r"(?m)^\| (.*?`) \|", table))
    floors = (ROOT / "tools/budmodel" / floor for floor in ("domain", "operations"))
    code = "".join(path.read_text(encoding="utf-8") for floor in floors for path in floor.glob("*.py"))
    given = set(re.findall(r'code="([a-z-]+)"', code))
    named = set(re.findall(r"`([a-z-]+)`", cells))
    assert named and named <= given | set(DEPLOY_RULES)


def test_the_guide_to_the_api_lists_each_file() -> None:
    table = guide("api").partition("## Shape")[0]
    told = set(re.findall(r"`((?:api|schemas)/[^`]+)`", table))
    there = {one.path.removeprefix("/") for one in ENDPOINTS if one.path.startswith(("/api/", "/schemas/"))}
    assert {path for path in told if path.startswith("api/")} == {p for p in there if p.startswith("api/")}
