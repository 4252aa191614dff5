"""One default version: a yanked one is a warning until it is replaced, and nobody may deploy it."""

from __future__ import annotations

import pytest

from cli.small_catalog import MIT, NOW, Registry

NAMES = ("llama-3", "llama-3@production", "llama-3@1.0.0")


@pytest.fixture
def yanked(registry: Registry) -> Registry:
    """The base branch, and a work tree in which the default version is yanked."""
    registry.write("licenses/MIT.yaml", MIT)
    registry.commit_all("Base")
    outcome = registry("version", "yank", "llama-3", "1.0.0", "--reason", "wrong weights", "--now", NOW)
    assert outcome.code == 0
    assert "budmodel version default llama-3 V (1.1.0)" in outcome.err
    return registry


def said(registry: Registry, *arguments: str) -> list[tuple[str, str]]:
    body = registry("check", "--json", "--now", NOW, *arguments).json
    found = [one for one in body["findings"] if one["rule"] == "default-version-yanked"]
    return [(one["severity"], one["field"]) for one in found]


def test_it_is_a_warning_in_the_change_and_afterwards(yanked: Registry) -> None:
    expected = [("warning", "default_version"), ("warning", "aliases.production")]
    assert said(yanked) == said(yanked, "--base", "main") == expected
    outcome = yanked("check", "--base", "main", "--now", NOW)
    assert outcome.code == 0, "a yank is bad news, which can always land"


@pytest.mark.parametrize("name", NAMES)
def test_deploy_check_denies_it_by_every_name(yanked: Registry, name: str) -> None:
    outcome = yanked("deploy-check", name, "--use", "internal", "--mau", "9", "--json", "--now", NOW)
    assert (outcome.code, outcome.json["decision"]) == (1, "deny")
    reasons = {one["code"]: one["message"] for one in outcome.json["reasons"] if one["level"] == "deny"}
    assert "wrong weights" in reasons["yanked"]


def test_another_default_ends_it(yanked: Registry) -> None:
    assert yanked("version", "default", "llama-3", "1.0.0").code == 2, "a yanked one cannot be chosen"
    assert yanked("version", "default", "llama-3", "1.1.0").code == 0
    assert yanked("set", "llama-3", "aliases.production=1.1.0").code == 0
    assert said(yanked) == said(yanked, "--base", "main") == []
    subject = yanked("deploy-check", "llama-3", "--use", "internal", "--json", "--now", NOW).json["subject"]
    assert subject["version"] == "1.1.0"
