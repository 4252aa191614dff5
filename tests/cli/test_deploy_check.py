"""``budmodel deploy-check`` and ``budmodel license check`` on a small catalog."""

from __future__ import annotations

import pytest

from cli.small_catalog import NOW, WAIVER, Registry


def test_licence_alone_answers_in_the_promised_shape(registry: Registry) -> None:
    answer = registry("license", "check", "llama-3", "--use", "commercial", "--mau", "1k", "--json").json
    assert list(answer) == [
        "decision",
        "reasons",
        "duties",
        "subject",
        "generated_from",
        "evaluated_at",
        "valid_until",
        "scope",
    ]
    assert (answer["scope"], answer["subject"]["name"]) == ("licence only", "llama-3")


@pytest.mark.parametrize(
    ("users", "decision", "code"), [("700M", "warn", 0), ("700_000_001", "deny", 1)], ids=["at", "above"]
)
def test_users_above_the_limit_are_denied(registry: Registry, users: str, decision: str, code: int) -> None:
    outcome = registry("license", "check", "llama-3", "--use", "commercial", "--mau", users, "--json")
    assert (outcome.json["decision"], outcome.code) == (decision, code)


@pytest.mark.parametrize("command", [("deploy-check",), ("license", "check")])
def test_an_empty_version_is_none_and_not_the_default(registry: Registry, command: tuple[str, ...]) -> None:
    """As where a pipeline's variable is not set: nobody is answered about another version."""
    outcome = registry(*command, "llama-3@", "--use", "research")
    assert (outcome.code, outcome.out) == (2, "")
    assert "has no version ''" in outcome.err


def test_a_default_version_that_is_not_there_is_named(registry: Registry) -> None:
    text = registry.read("models/llama-3/model.yaml")
    registry.write(
        "models/llama-3/model.yaml", text.replace("default_version: 1.0.0", "default_version: 9.0.0")
    )
    outcome = registry("deploy-check", "llama-3", "--use", "research")
    assert (outcome.code, outcome.out) == (2, "")
    assert "is 9.0.0, which it does not have" in outcome.err
    assert "budmodel version default llama-3 V (1.1.0, 1.0.0)" in outcome.err


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("UK", "write GB"),
        ("el", "write GR"),
        ("XX", "such as DE"),
        ("", "such as DE"),
        ("D\u0130", "such as DE"),
    ],
)
def test_a_territory_that_is_none_is_wrong_usage(registry: Registry, code: str, says: str) -> None:
    outcome = registry("license", "check", "llama-3", "--use", "commercial", "--territory", code)
    assert (outcome.code, outcome.out) == (2, "")
    assert says in outcome.err


def test_a_member_lies_in_the_union_and_the_union_in_no_member_alone(registry: Registry) -> None:
    text = registry.read("licenses/llama-3-community.yaml")
    registry.write("licenses/llama-3-community.yaml", text + "territories_excluded: [FR]\n")
    asked = ("license", "check", "llama-3", "--use", "commercial", "--mau", "5", "--territory")
    assert [registry(*asked, code).code for code in ("fr", "EU", "DE", "US")] == [1, 1, 0, 0]


def test_what_nobody_scanned_is_denied_and_named(registry: Registry) -> None:
    outcome = registry("deploy-check", "llama-3@production", "--use", "internal", "--mau", "10", "--now", NOW)
    assert outcome.code == 1
    assert outcome.out.startswith("deny: llama-3@1.0.0\n")
    assert "has no scan record" in outcome.out


def test_a_waived_version_is_at_most_warned_about(registry: Registry) -> None:
    deny = registry(
        "deploy-check", "llama-3", "--use", "internal", "--mau", "10", "--now", NOW, "--json"
    ).json
    registry.write("waivers/unseen.yaml", WAIVER.format(manifest=deny["subject"]["manifest_sha256"]))
    warn = registry("deploy-check", "llama-3", "--use", "internal", "--mau", "10", "--now", NOW, "--json")
    missing = [one for one in warn.json["reasons"] if one["code"] == "scan-missing"]
    assert [one["level"] for one in missing] == ["warn"]
    assert "waived until 2027-05-22" in missing[0]["message"]


ASKED = ("deploy-check", "llama-3", "--use", "internal", "--mau", "10", "--now", NOW, "--json")


def denied(registry: Registry) -> set[str]:
    outcome = registry(*ASKED)
    assert outcome.code == 1, outcome.err
    return {one["code"] for one in outcome.json["reasons"] if one["level"] == "deny"}


def test_policy_lowers_nothing_here(registry: Registry) -> None:
    registry.write("policy.yaml", "severity: {scan-missing: warning}\n")
    assert "scan-missing" in denied(registry)


def test_a_model_that_calls_itself_an_api_cannot_hide_its_files(registry: Registry) -> None:
    model = registry.read("models/llama-3/model.yaml")
    stated = "source: {type: huggingface, model_id: meta-llama/Meta-Llama-3-8B}"
    registry.write("models/llama-3/model.yaml", model.replace(stated, "source: {type: api}"))
    assert "schema-invalid" in denied(registry)


def test_the_name_of_a_removed_model_stays_denied(registry: Registry) -> None:
    tombstone = "name: llama-3\nreason: poisoned\nremoved: 2026-01-01T00:00:00Z\nby: ada\n"
    registry.write("removed/llama-3.yaml", tombstone)
    assert "name-removed" in denied(registry)


def test_what_is_wrong_with_another_version_is_not_told(registry: Registry) -> None:
    registry.write("models/llama-3/versions/1.1.0.yaml", "version: [\n")
    assert "yaml-invalid" not in denied(registry)


@pytest.mark.parametrize(
    "path", ["policy.yaml", "models/llama-3/model.yaml", "models/llama-3/versions/1.0.0.yaml"]
)
def test_what_cannot_be_read_is_never_a_yes(registry: Registry, path: str) -> None:
    registry.write(path, "a: [\n")
    outcome = registry(*ASKED)
    assert (outcome.code, outcome.out) == (2, "")
    assert f"catalog/{path}:" in outcome.err


@pytest.mark.parametrize(
    "path", ["licenses/llama-3-community.yaml", "waivers/w.yaml", "models/llama-3/scans/1.0.0.yaml"]
)
def test_what_speaks_for_it_and_cannot_be_read_does_not_count(registry: Registry, path: str) -> None:
    registry.write(path, "a: [\n")
    assert denied(registry)


def test_an_answer_names_a_commit_only_where_it_was_read_there(registry: Registry) -> None:
    commit = registry.commit_all("start")
    assert registry(*ASKED).json["generated_from"] == commit
    registry.write("models/gpt-5/model.yaml", registry.read("models/gpt-5/model.yaml") + "tags: [x]\n")
    assert registry(*ASKED).json["generated_from"] == commit, "another model"
    registry.write("waivers/w.yaml", WAIVER.format(manifest="null"))
    assert registry(*ASKED).json["generated_from"] is None
    (registry.root / "catalog/waivers/w.yaml").unlink()
    assert registry(*ASKED).json["generated_from"] == commit
    (registry.root / "catalog/licenses/MIT.yaml").unlink()
    assert registry(*ASKED).json["generated_from"] is None, "something is gone"


def test_warnings_fail_when_asked_to(registry: Registry) -> None:
    asked = ("deploy-check", "llama-3", "--use", "internal", "--mau", "10", "--now", NOW)
    manifest = registry(*asked, "--json").json["subject"]["manifest_sha256"]
    registry.write("waivers/unseen.yaml", WAIVER.format(manifest=manifest))
    assert (registry(*asked).code, registry(*asked, "--fail-on", "warn").code) == (0, 1)
