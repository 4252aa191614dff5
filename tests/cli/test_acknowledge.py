"""Acknowledgments: the log, what reopens them, and what the gate and deploy-check make of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.small_catalog import NOW, Registry

WHO = "ada@example.org"
TEXT, OTHER = "1" * 64, "2" * 64
ACKNOWLEDGE = ("license", "acknowledge", "llama-3", "--use", "commercial", "--by", WHO, "--now", NOW)
ASK = ("deploy-check", "llama-3", "--use", "commercial", "--mau", "5", "--now", NOW, "--json")


@pytest.fixture
def strict(registry: Registry) -> Registry:
    """The policy wants the Llama licence acknowledged; its text is recorded."""
    registry.write("policy.yaml", "licenses: {acknowledgment: [llama3]}\n")
    text = registry.read("licenses/llama-3-community.yaml")
    registry.write(
        "licenses/llama-3-community.yaml", text + f"texts: [{{sha256: '{TEXT}', seen: 2026-01-01}}]\n"
    )
    registry.commit_all("start")
    return registry


def codes(registry: Registry, *more: str) -> dict[str, str]:
    """Level by code, of the reasons that speak of acknowledgments."""
    reasons = registry(*ASK, *more).json["reasons"]
    return {one["code"]: one["level"] for one in reasons if one["code"].startswith("acknowledg")}


def file_of(registry: Registry) -> Path:
    (found,) = (registry.root / "catalog/acknowledgments/llama-3/1.0.0").iterdir()
    return found


def test_without_one_it_is_denied_and_with_one_not(strict: Registry) -> None:
    assert codes(strict) == {"acknowledgment-missing": "deny"}
    assert strict(*ACKNOWLEDGE, "--note", "Asked legal.").code == 0
    assert codes(strict) == {"acknowledged": "allow"}
    assert file_of(strict).name.startswith("20261122T120000Z-")
    assert file_of(strict).read_text() == (
        "name: llama-3\nversion: 1.0.0\nuse: commercial\nby: ada@example.org\n"
        '"on": "2026-11-22T12:00:00Z"\n'
        f'license_id: llama-3-community\nlicense_text_sha256: "{TEXT}"\nnote: Asked legal.\n'
    )


def test_it_counts_for_one_use_and_one_version_and_one_person(strict: Registry) -> None:
    strict(*ACKNOWLEDGE)
    research = strict("deploy-check", "llama-3", "--use", "research", "--now", NOW, "--json").json
    assert "acknowledgment-missing" in {one["code"] for one in research["reasons"]}
    later = strict("deploy-check", "llama-3@1.1.0", "--use", "commercial", "--now", NOW, "--json").json
    assert "acknowledgment-missing" in {one["code"] for one in later["reasons"]}
    assert codes(strict, "--as", "ADA@example.org") == {"acknowledged": "allow"}
    assert codes(strict, "--as", "bob@example.org") == {"acknowledgment-missing": "deny"}


def test_an_address_is_one_person_with_or_without_the_name(strict: Registry) -> None:
    strict("license", "acknowledge", "llama-3", "--use", "commercial", "--by", f"Ada <{WHO}>", "--now", NOW)
    for who in (WHO, f"ada l. <{WHO.upper()}>", f"Ada <{WHO}>"):
        assert codes(strict, "--as", who) == {"acknowledged": "allow"}
    for who in ("Ada", "Ada <bob@example.org>", "Ada <>"):
        assert codes(strict, "--as", who) == {"acknowledgment-missing": "deny"}
    assert "nothing to add" in strict(*ACKNOWLEDGE).err


def test_a_commit_that_is_made_is_no_next_step(strict: Registry) -> None:
    made = strict(*ACKNOWLEDGE, "--commit").out
    assert "committed " in made and "next:" not in made


def test_another_text_reopens_it(strict: Registry) -> None:
    strict(*ACKNOWLEDGE)
    text = strict.read("licenses/llama-3-community.yaml")
    both = text.replace("texts: [", f"texts: [{{sha256: '{OTHER}', seen: 2026-06-01}}, ")
    strict.write("licenses/llama-3-community.yaml", both)
    assert codes(strict) == {"acknowledgment-missing": "deny"}
    assert strict("license", "acknowledgments", "--json").json["result"][0]["holds"] is False
    strict(*ACKNOWLEDGE)
    assert codes(strict) == {"acknowledged": "allow"}


def test_a_version_may_have_frozen_its_text(strict: Registry) -> None:
    version = strict.read("models/llama-3/versions/1.0.0.yaml")
    strict.write("models/llama-3/versions/1.0.0.yaml", version + f"license_text_sha256: '{OTHER}'\n")
    strict(*ACKNOWLEDGE)
    assert f'license_text_sha256: "{OTHER}"' in file_of(strict).read_text()
    assert codes(strict) == {"acknowledged": "allow"}
    # It is a text of which the record says nothing, whoever accepted it.
    reasons = strict(*ASK).json["reasons"]
    assert [one["level"] for one in reasons if one["code"] == "license-text-unknown"] == ["deny"]


def test_a_second_time_adds_nothing(strict: Registry) -> None:
    strict(*ACKNOWLEDGE)
    before = strict.files()
    outcome = strict(*ACKNOWLEDGE)
    assert (outcome.code, strict.files()) == (0, before)
    assert "nothing to add" in outcome.err


def test_each_licence_of_an_expression_is_acknowledged(strict: Registry) -> None:
    strict.write(
        "models/llama-3-instruct/versions/1.0.0.yaml", "version: 1.0.0\nreleased: 2024-07-23T00:00:00Z\n"
    )
    outcome = strict(
        "license", "acknowledge", "llama-3-instruct", "--use", "internal", "--by", WHO, "--now", NOW
    )
    assert outcome.out.count("wrote catalog/acknowledgments/llama-3-instruct/1.0.0/") == 2


@pytest.mark.parametrize("stated", ["unheard-of-licence", "MIT AND (", None])
def test_what_nobody_has_recorded_cannot_be_accepted(strict: Registry, stated: str | None) -> None:
    model = strict.read("models/llama-3/model.yaml")
    line = f"license_type: {stated}\n" if stated else ""
    strict.write("models/llama-3/model.yaml", model.replace("license_type: llama-3-community\n", line))
    before = strict.files()
    outcome = strict(*ACKNOWLEDGE)
    assert (outcome.code, strict.files()) == (2, before)
    assert outcome.err.startswith("budmodel: catalog/models/llama-3/model.yaml:1:1: ")


def test_the_log_names_commit_and_author(strict: Registry) -> None:
    strict(*ACKNOWLEDGE)
    (waiting,) = strict("license", "acknowledgments", "llama-3", "--json").json["result"]
    assert (waiting["commit"], waiting["attributed"], waiting["holds"]) == (None, None, True)
    commit = strict.commit_all("Acknowledge", when="2026-11-22T13:00:00Z")
    (logged,) = strict("license", "acknowledgments", "--json").json["result"]
    assert {key: logged[key] for key in ("commit", "author", "email", "time", "attributed")} == {
        "commit": commit,
        "author": "Ada",
        "email": "ada@example.org",
        "time": "2026-11-22T13:00:00Z",
        "attributed": True,
    }
    shown = strict("license", "acknowledgments").out
    assert "Ada <ada@example.org>" in shown and commit[:10] in shown
    assert strict("license", "acknowledgments", "--at", "HEAD~1", "--json").json["total"] == 0


def test_a_log_that_cannot_be_read_is_not_an_empty_one(strict: Registry) -> None:
    strict(*ACKNOWLEDGE, "--commit")
    file = file_of(strict)
    file.write_text("by: [")
    for arguments in ((), ("llama-3",)):
        outcome = strict("license", "acknowledgments", *arguments)
        assert outcome.code == 0
        assert f"{file.name} cannot be read and is not listed; run budmodel check " in outcome.err
        assert "nobody" not in outcome.err
    assert "cannot be read" not in strict("license", "acknowledgments", "--at", "HEAD").err


@pytest.mark.parametrize("name", ["", "llama-3/1.0.0", "llama-3@1.0.0", "../llama-3"])
def test_the_log_of_no_model_is_not_that_of_all(strict: Registry, name: str) -> None:
    strict(*ACKNOWLEDGE, "--commit")
    outcome = strict("license", "acknowledgments", name)
    assert (outcome.code, outcome.out) == (2, "")


def test_no_such_model(strict: Registry) -> None:
    outcome = strict("license", "acknowledgments", "lama-3")
    assert (outcome.code, "did you mean llama-3?" in outcome.err) == (2, True)


def findings(registry: Registry, *more: str) -> list[str]:
    result = registry("check", "--now", NOW, "--json", *more).json["findings"]
    return [one["rule"] for one in result if one["rule"].startswith("ack-")]


def test_the_gate_refuses_one_in_the_name_of_another(strict: Registry) -> None:
    strict.git("checkout", "-q", "-b", "change")
    strict(*[*ACKNOWLEDGE[:-3], "bob@example.org", *ACKNOWLEDGE[-2:]])
    assert findings(strict, "--base", "main") == [], "in no commit yet"
    strict.commit_all("in Bob's name")
    assert findings(strict, "--base", "main") == ["ack-unattributed"]
    assert findings(strict, "--base", "main", "--head", "change") == ["ack-unattributed"]
    assert findings(strict) == ["ack-unattributed"]


def test_a_shallow_clone_tells_of_the_commits_that_it_has_whole(strict: Registry, tmp_path: Path) -> None:
    strict.git("checkout", "-q", "-b", "change")
    strict(*ACKNOWLEDGE[:-3], "bob@example.org", *ACKNOWLEDGE[-2:])
    strict.commit_all("in Bob's name")
    strict.git("checkout", "-q", "main")
    strict.write("policy.yaml", "licenses: {}\n")
    strict.commit_all("meanwhile")
    strict.git("merge", "-q", "--no-ff", "-m", "Merge", "change")
    found = {}
    for branch, depth in (("change", 1), ("change", 2), ("main", 2), ("main", 3)):
        clone = tmp_path / f"{branch}-{depth}"
        strict.git("clone", "-q", f"--depth={depth}", "-b", branch, strict.root.as_uri(), str(clone))
        found[branch, depth] = findings(Registry(clone, strict._capsys))
    refused = ["ack-unattributed"]
    assert found == {("change", 1): [], ("change", 2): refused, ("main", 2): [], ("main", 3): refused}


def test_the_gate_accepts_ones_own(strict: Registry) -> None:
    strict.git("checkout", "-q", "-b", "change")
    assert strict(*ACKNOWLEDGE, "--commit").code == 0
    assert findings(strict, "--base", "main") == []
    strict.git("checkout", "-q", "main")
    strict.git("merge", "-q", "--no-ff", "-m", "Merge", "change")
    assert findings(strict) == []
    (logged,) = strict("license", "acknowledgments", "--json").json["result"]
    assert logged["attributed"] is True


def test_the_log_only_grows(strict: Registry) -> None:
    strict(*ACKNOWLEDGE, "--commit")
    strict.git("checkout", "-q", "-b", "change")
    file = file_of(strict)
    file.write_text(file.read_text().replace("commercial", "internal"))
    strict.commit_all("change it")
    assert findings(strict, "--base", "main") == ["ack-modified"]
    file.unlink()
    strict.commit_all("delete it")
    assert findings(strict, "--base", "main", "--head", "change") == ["ack-modified"]


def as_bob(registry: Registry, message: str) -> None:
    registry.git("add", "-A")
    registry.git("-c", "user.name=Bob", "-c", "user.email=bob@example.org", "commit", "-q", "-m", message)


def test_what_somebody_made_of_it_afterwards_is_not_hers(strict: Registry) -> None:
    """Ada accepted one use, and Bob writes another into her acknowledgment before it is merged."""
    strict.git("checkout", "-q", "-b", "change")
    strict(*ACKNOWLEDGE, "--commit")
    assert findings(strict, "--base", "main") == []
    file = file_of(strict)
    file.write_text(file.read_text().replace("use: commercial", "use: internal"))
    as_bob(strict, "another use")
    assert findings(strict, "--base", "main") == ["ack-unattributed"]
    assert findings(strict, "--base", "main", "--head", "change") == ["ack-unattributed"]
    assert findings(strict) == ["ack-unattributed"]


def test_what_a_merge_made_of_it_is_of_who_merged(strict: Registry) -> None:
    strict.git("checkout", "-q", "-b", "change")
    strict(*ACKNOWLEDGE, "--commit")
    strict.git("checkout", "-q", "-b", "more", "main")
    strict.write("licenses/MIT.yaml", strict.read("licenses/MIT.yaml") + "notes: x\n")
    as_bob(strict, "more")
    strict.git("merge", "-q", "--no-ff", "--no-commit", "change")
    file = file_of(strict)
    file.write_text(file.read_text().replace("use: commercial", "use: internal"))
    as_bob(strict, "Merge")
    assert findings(strict, "--base", "main", "--head", "more") == ["ack-unattributed"]
    assert findings(strict) == ["ack-unattributed"]
