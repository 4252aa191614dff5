"""What fixes, guides and pages promise is there: every command and every rule that they name."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from budmodel.cli.main import COMMANDS, budmodel
from budmodel.rules.registry import RULES

ROOT = Path(__file__).resolve().parents[2]
RULE_SOURCES = sorted((ROOT / "tools/budmodel/rules").glob("*.py"))
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "site/docs").rglob("*.md"))]
TEMPLATES = sorted((ROOT / "site/templates").glob("*.j2"))
ANNOUNCED_COMMANDS: set[str] = set()
"""Named by the README's list of what is not there yet, and nowhere else."""
ANNOUNCED_RULES: set[str] = set()
"""Named where the rules are listed that can never be lowered, and marked there as not there yet."""
FAMILIES = (
    "ack", "benchmark", "changelog", "default-version", "files", "license", "lineage", "name", "owner",
    "requirements", "scan", "schema", "secret", "source", "tombstone", "version", "waiver", "yaml",
)  # fmt: skip
NO_RULES = {"schema-version"}
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


@pytest.mark.parametrize("path", RULE_SOURCES, ids=lambda path: path.stem)
def test_fixes_name_commands_that_exist(path: Path) -> None:
    assert wrong_commands(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", [*DOCUMENTS, *TEMPLATES], ids=lambda path: path.name)
def test_pages_name_commands_that_exist(path: Path) -> None:
    assert wrong_commands(code_of(path)) == []


def test_a_command_that_is_not_there_is_seen() -> None:
    assert wrong_commands("run: budmodel scam x@1.0.0; budmodel version ad x; budmodel import s3|disk") == [
        "scam",
        "version ad",
        "import disk",
    ]
    assert wrong_commands("budmodel import s3 s3://x, budmodel list, and budmodel version default NAME") == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_pages_name_rules_that_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    words = re.findall(r"`([a-z]+(?:-[a-z]+)+)`", text)
    named = {word for word in words if word.startswith(tuple(f"{family}-" for family in FAMILIES))}
    unknown = named - set(RULES) - NO_RULES
    assert unknown <= ANNOUNCED_RULES
    if unknown:
        assert "not there yet" in text


def test_what_is_announced_is_not_there_and_is_said_so() -> None:
    assert not ANNOUNCED_RULES & set(RULES)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    listed = readme.partition("What is not there yet:")[2]
    for name in ANNOUNCED_COMMANDS:
        assert wrong_commands(f"budmodel {name}") == [name]
        assert f"`{name}`" in listed
