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


def test_warnings_fail_when_asked_to(registry: Registry) -> None:
    asked = ("deploy-check", "llama-3", "--use", "internal", "--mau", "10", "--now", NOW)
    manifest = registry(*asked, "--json").json["subject"]["manifest_sha256"]
    registry.write("waivers/unseen.yaml", WAIVER.format(manifest=manifest))
    assert (registry(*asked).code, registry(*asked, "--fail-on", "warn").code) == (0, 1)
