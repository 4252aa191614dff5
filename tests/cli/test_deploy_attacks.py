"""Ways to get a yes that the contract does not give, each as somebody might try it on a clone."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.small_catalog import LICENSE, NOW, REVIEWED, Registry

TEXT, OTHER = "1" * 64, "2" * 64
NC = f"""\
id: CC-BY-NC-4.0
name: Non-commercial
aliases: [nc]
commercial_use: false
derivatives: true
redistribution: true
source: the text
{REVIEWED}"""


@pytest.fixture
def open_(registry: Registry) -> Registry:
    """Everything but the scan says yes to commercial use of llama-3."""
    registry.write(
        "licenses/llama-3-community.yaml",
        LICENSE.replace("conditional", "true") + "limits_bring: duty\n" + REVIEWED,
    )
    registry.write("licenses/CC-BY-NC-4.0.yaml", NC)
    assert denied(registry) == set()
    return registry


def asked(registry: Registry, *more: str, name: str = "llama-3", now: str = NOW) -> dict[str, str]:
    """Level by code, without what the scan says."""
    outcome = registry(
        "deploy-check", name, "--use", "commercial", "--mau", "5", "--now", now, "--json", *more
    )
    assert outcome.out, outcome.err
    reasons = outcome.json["reasons"]
    assert outcome.code == (1 if any(one["level"] == "deny" for one in reasons) else 0)
    return {one["code"]: one["level"] for one in reasons if not one["code"].startswith("scan-")}


def denied(registry: Registry, *more: str, name: str = "llama-3", now: str = NOW) -> set[str]:
    return {code for code, level in asked(registry, *more, name=name, now=now).items() if level == "deny"}


def stand_under(registry: Registry, text: str) -> None:
    model = registry.read("models/llama-3/model.yaml")
    registry.write(
        "models/llama-3/model.yaml", model.replace("license_type: llama-3-community", f"license_type: {text}")
    )


def test_what_the_policy_denies_is_no_choice(open_: Registry) -> None:
    stand_under(open_, "MIT OR CC-BY-NC-4.0")
    assert denied(open_) == set()
    open_.write("policy.yaml", "licenses: {denied: [MIT]}\n")
    assert denied(open_) == {"non-commercial"}
    open_.write("policy.yaml", "licenses: {allowed: [nc]}\n")
    assert denied(open_) == {"non-commercial"}
    open_.write("policy.yaml", "licenses: {denied: [MIT, nc]}\n")
    assert "license-denied" in denied(open_)


def test_a_record_under_another_name_is_not_the_licence(open_: Registry) -> None:
    stand_under(open_, "CC-BY-NC-4.0")
    assert denied(open_) == {"non-commercial"}
    open_.write("licenses/zz-free.yaml", NC.replace("commercial_use: false", "commercial_use: true"))
    assert denied(open_) == {"non-commercial"}


@pytest.mark.parametrize("id_", ["aa-free", "zz-free"])
def test_an_alias_that_two_records_claim_names_neither(open_: Registry, id_: str) -> None:
    stand_under(open_, "nc")
    assert denied(open_) == {"non-commercial"}
    free = NC.replace("commercial_use: false", "commercial_use: true").replace(
        "id: CC-BY-NC-4.0", f"id: {id_}"
    )
    open_.write(f"licenses/{id_}.yaml", free)
    assert "license-unknown" in denied(open_)


def test_an_alias_is_not_an_expression_over_known_licences(open_: Registry) -> None:
    stand_under(open_, "MIT AND CC-BY-NC-4.0")
    assert denied(open_) == {"non-commercial"}
    free = (
        f"id: zz\nname: x\naliases: [mit and cc-by-nc-4.0, this and that]\ncommercial_use: true\n{REVIEWED}"
    )
    open_.write("licenses/zz.yaml", free + "source: the text\n")
    assert denied(open_) == {"non-commercial"}
    model = open_.read("models/llama-3/model.yaml").replace("MIT AND CC-BY-NC-4.0", "this and that")
    open_.write("models/llama-3/model.yaml", model)
    assert denied(open_) == set(), "a name like any other"


def test_a_retired_model_is_denied_from_its_day_on(open_: Registry) -> None:
    model = open_.read("models/llama-3/model.yaml")
    open_.write(
        "models/llama-3/model.yaml",
        model.replace("status: active", "status: deprecated\nretires_on: 2026-11-23"),
    )
    assert asked(open_, now="2026-11-22T23:59:59Z")["deprecated"] == "warn"
    assert denied(open_, now="2026-11-23T00:00:00Z") == {"retired"}
    answer = open_("deploy-check", "llama-3", "--use", "commercial", "--now", NOW, "--json").json
    assert answer["valid_until"] == "2026-11-23T00:00:00Z"


ACKNOWLEDGE = (
    "license",
    "acknowledge",
    "llama-3",
    "--use",
    "commercial",
    "--by",
    "ada@example.org",
    "--now",
    NOW,
)
FOLDER = "acknowledgments/llama-3"


@pytest.fixture
def strict(open_: Registry) -> Registry:
    """The policy wants the licence acknowledged, and somebody did for 1.0.0."""
    text = open_.read("licenses/llama-3-community.yaml")
    open_.write(
        "licenses/llama-3-community.yaml", text + f"texts: [{{sha256: '{TEXT}', seen: 2026-01-01}}]\n"
    )
    open_.write("policy.yaml", "licenses: {acknowledgment: [llama3]}\n")
    assert denied(open_) == {"acknowledgment-missing"}
    assert open_(*ACKNOWLEDGE).code == 0
    assert denied(open_) == set()
    return open_


def test_a_copy_of_an_acknowledgment_does_not_count_for_another_version(strict: Registry) -> None:
    (file,) = (strict.root / "catalog" / FOLDER / "1.0.0").iterdir()
    strict.write(f"{FOLDER}/1.1.0/{file.name}", file.read_text())
    assert denied(strict, name="llama-3@1.1.0") == {"acknowledgment-missing"}
    assert strict(*(one.replace("llama-3", "llama-3@1.1.0") for one in ACKNOWLEDGE)).code == 0
    assert denied(strict, name="llama-3@1.1.0") == set()


def test_an_acknowledgment_behind_a_link_does_not_count(strict: Registry) -> None:
    (file,) = (strict.root / "catalog" / FOLDER / "1.0.0").iterdir()
    file.rename(strict.root / "elsewhere.yaml")
    file.symlink_to(strict.root / "elsewhere.yaml")
    assert denied(strict) == {"acknowledgment-missing"}


def test_an_acknowledgment_that_is_too_large_does_not_count(strict: Registry) -> None:
    (file,) = (strict.root / "catalog" / FOLDER / "1.0.0").iterdir()
    file.write_text(file.read_text() + "# " + "x" * (2 << 20) + "\n")
    assert denied(strict) == {"acknowledgment-missing"}


def test_an_acknowledgment_of_tomorrow_does_not_count_today(strict: Registry) -> None:
    assert denied(strict, now="2026-11-20T00:00:00Z") == {"acknowledgment-missing"}


def test_a_text_without_a_date_reopens_it_too(strict: Registry) -> None:
    text = strict.read("licenses/llama-3-community.yaml")
    later = text.replace("seen: 2026-01-01}", f"seen: 2026-01-01}}, {{sha256: '{OTHER}'}}")
    strict.write("licenses/llama-3-community.yaml", later)
    assert denied(strict) == {"acknowledgment-missing"}


def test_the_licence_of_an_ancestor_is_acknowledged_too(strict: Registry) -> None:
    child = "name: kid\narchitecture: llama\nparameter_count: 1\nlicense_type: MIT\n"
    base = "base_models: [{model: llama-3@1.1.0, relation: quantized}]\n"
    strict.write("models/kid/model.yaml", child + base)
    strict.write("models/kid/versions/1.0.0.yaml", "version: 1.0.0\nreleased: 2026-01-01T00:00:00Z\n")
    assert "acknowledgment-missing" in denied(strict, name="kid")
    accept = ("license", "acknowledge", "kid", "--use", "commercial", "--by", "ada@example.org", "--now", NOW)
    assert strict(*accept).out.count("wrote catalog/acknowledgments/kid/1.0.0/") == 2, "MIT, and llama-3's"
    assert "acknowledgment-missing" not in denied(strict, name="kid")


@pytest.mark.parametrize("users", ["-1", "0x5", "٣", "1e400", "nan"])
def test_users_that_are_no_number_are_wrong_usage(open_: Registry, users: str) -> None:
    outcome = open_("deploy-check", "llama-3", "--use", "commercial", f"--mau={users}", "--now", NOW)
    assert (outcome.code, outcome.out) == (2, "")


def test_a_frozen_text_that_cannot_be_compared_warns(open_: Registry) -> None:
    version = open_.read("models/llama-3/versions/1.0.0.yaml")
    open_.write("models/llama-3/versions/1.0.0.yaml", version + f"license_text_sha256: '{OTHER}'\n")
    assert asked(open_)["license-text-unknown"] == "warn"


def test_a_contended_name_still_denies_all_that_claim_it(open_: Registry) -> None:
    open_.write("policy.yaml", "licenses: {denied: [nc]}\n")
    stand_under(open_, "CC-BY-NC-4.0")
    assert "license-denied" in denied(open_)
    open_.write("licenses/aa-free.yaml", NC.replace("id: CC-BY-NC-4.0", "id: aa-free"))
    assert "license-denied" in denied(open_)


WAIVED = """\
rules: [license-denied]
targets: [llama-3@{version}]
manifest_sha256: {manifest}
reason: bought
approved_by: legal
expires: 2027-01-01
"""


def gate(registry: Registry, now: str) -> list[str]:
    """Whether check finds llama-3's licence denied."""
    found = registry("check", "--now", now, "--json").json["findings"]
    ours = [one for one in found if one["path"].startswith("catalog/models/llama-3/")]
    return [one["rule"] for one in ours if one["rule"] == "license-denied"]


def test_a_waiver_of_one_version_lets_no_other_through(open_: Registry) -> None:
    """Both versions stand under the model's licence, and have files of their own."""
    other = open_.read("models/llama-3/versions/1.1.0.yaml").replace("size: 1000", "size: 1001")
    open_.write("models/llama-3/versions/1.1.0.yaml", other)
    open_.write("policy.yaml", "licenses: {denied: [llama3]}\n")
    manifests = {}
    for version in ("1.0.0", "1.1.0"):
        answer = open_(
            "deploy-check", f"llama-3@{version}", "--use", "commercial", "--now", NOW, "--json"
        ).json
        manifests[version] = answer["subject"]["manifest_sha256"]
    open_.write("waivers/old.yaml", WAIVED.format(version="1.0.0", manifest=manifests["1.0.0"]))
    assert asked(open_, name="llama-3@1.0.0")["license-denied"] == "warn"
    assert denied(open_, name="llama-3@1.1.0") == {"license-denied"}
    assert gate(open_, NOW) == ["license-denied"]
    open_.write("waivers/new.yaml", WAIVED.format(version="1.1.0", manifest=manifests["1.0.0"]))
    assert denied(open_, name="llama-3@1.1.0") == {"license-denied"}, "other bytes"
    open_.write("waivers/new.yaml", WAIVED.format(version="1.1.0", manifest=manifests["1.1.0"]))
    assert asked(open_, name="llama-3@1.1.0")["license-denied"] == "warn"
    assert gate(open_, NOW) == [], "each version has its waiver"
    assert gate(open_, "2027-01-01T00:00:00Z") == ["license-denied"]
    assert denied(open_, name="llama-3@1.1.0", now="2027-01-01T00:00:00Z") == {"license-denied"}
    assert denied(open_, name="llama-3@1.1.0", now="2026-12-31T23:59:59Z") == set()


def test_a_parent_named_by_its_hub_id_is_found(open_: Registry) -> None:
    """It is read too where it lies in another folder: a deployment reads few files."""
    child = "name: kid\narchitecture: llama\nparameter_count: 1\nlicense_type: MIT\n"
    base = "base_models: [{model: hf:meta-llama/meta-llama-3-8b, relation: quantized, license_type: MIT}]\n"
    open_.write("models/kid/model.yaml", child + base)
    open_.write("models/kid/versions/1.0.0.yaml", "version: 1.0.0\nreleased: 2026-01-01T00:00:00Z\n")
    assert "restricted" not in denied(open_, name="kid")
    held = open_.read("models/llama-3/model.yaml")
    open_.write("models/llama-3/model.yaml", held + "license_restrictions: {commercial_use: false}\n")
    assert "restricted" in denied(open_, name="kid")
    yanked = (
        open_.read("models/llama-3/versions/1.0.0.yaml") + "yanked: {reason: r, on: 2026-01-01T00:00:00Z}\n"
    )
    open_.write("models/llama-3/versions/1.0.0.yaml", yanked)
    assert "lineage-tainted" in denied(open_, name="kid")


KID = "name: kid\narchitecture: llama\nparameter_count: 1\nlicense_type: MIT\n"
KID_VERSION = "version: 1.0.0\nreleased: 2026-01-01T00:00:00Z\n"


def made_of(registry: Registry, name: str, *bases: str) -> None:
    registry.write(
        f"models/{name}/model.yaml",
        KID.replace("kid", name) + f"base_models: [{', '.join(bases)}]\n",
    )
    registry.write(f"models/{name}/versions/1.0.0.yaml", KID_VERSION)


def test_a_free_statement_on_a_parent_hides_no_stricter_one(open_: Registry) -> None:
    """Two records say under which licence the same model of the Hub stands; the nearer one says MIT."""
    strict_one = "{model: hf:x/y, relation: finetune, license_type: nc}"
    free_one = "{model: hf:x/y, relation: finetune, license_type: MIT}"
    made_of(open_, "parent", strict_one)
    made_of(open_, "kid", "{model: parent, relation: finetune}")
    assert "non-commercial" in denied(open_, name="kid")
    made_of(open_, "kid", free_one, "{model: parent, relation: finetune}")
    assert "non-commercial" in denied(open_, name="kid")
    made_of(open_, "kid", free_one, strict_one)
    assert "non-commercial" in denied(open_, name="kid")


def test_a_name_that_the_policy_accepts_is_the_licence_that_check_takes_it_for(open_: Registry) -> None:
    """The record that the name belongs to is not one of the model's, and decides all the same."""
    open_.write("policy.yaml", "licenses: {allowed: [llama3]}\n")
    assert denied(open_) == set()
    other = "id: llama3\nname: Another\ncommercial_use: true\nsource: the text\n" + REVIEWED
    open_.write("licenses/llama3.yaml", other)
    assert gate(open_, NOW) == ["license-denied"]
    assert "license-denied" in denied(open_)
    (open_.root / "catalog/licenses/llama3.yaml").unlink()
    open_.write("licenses/zz.yaml", other.replace("id: llama3", "id: zz\naliases: [llama3]"))
    assert gate(open_, NOW) == ["license-denied"]
    assert "license-denied" in denied(open_)


def test_a_removed_name_is_not_given_again_in_other_letters(open_: Registry) -> None:
    stone = "name: {}\nreason: bad\nremoved: 2026-01-01T00:00:00Z\nby: ada\n"
    open_.write("removed/llama_3.yaml", stone.format("llama_3"))
    assert denied(open_) == {"name-removed"}


def test_a_tombstone_speaks_of_the_name_that_it_states_too(open_: Registry) -> None:
    stone = "name: {}\nreason: llama-3 is better\nremoved: 2026-01-01T00:00:00Z\nby: ada\n"
    open_.write("removed/other.yaml", stone.format("other"))
    assert denied(open_) == set()
    for stated in ("llama-3", "llama_3", '"ll\\x61ma-3"', ">-\n  llama.3"):
        open_.write("removed/other.yaml", stone.format(stated))
        assert denied(open_) == {"name-removed"}, stated


def spoil(file: Path, what: str) -> None:
    """Something is there, and nobody can read it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if what == "link":
        file.symlink_to("elsewhere")
    elif what == "huge":
        with file.open("wb") as sparse:
            sparse.truncate((1 << 26) + 1)
    else:
        file.mkdir()
        (file / "x").write_text("x")


@pytest.mark.parametrize("what", ["link", "huge", "folder"])
def test_a_policy_that_cannot_be_read_is_not_an_absent_one(open_: Registry, what: str) -> None:
    spoil(open_.root / "catalog/policy.yaml", what)
    outcome = open_("deploy-check", "llama-3", "--use", "research", "--now", NOW)
    assert (outcome.code, outcome.out) == (2, "")
    assert "catalog/policy.yaml:1:1" in outcome.err


def test_a_tombstone_that_cannot_be_read_is_not_an_absent_one(open_: Registry) -> None:
    spoil(open_.root / "catalog/removed/llama-3.yaml", "huge")
    assert denied(open_) == {"name-removed"}


def test_an_ancestor_that_cannot_be_read_is_not_passed_over(open_: Registry) -> None:
    """Its newest version was withdrawn, and would be forgotten for the one before."""
    made_of(open_, "kid", "{model: llama-3@1.1.0, relation: finetune}")
    version = open_.root / "catalog/models/llama-3/versions/1.1.0.yaml"
    version.unlink()
    spoil(version, "huge")
    assert "unknown-parent" in denied(open_, name="kid")


@pytest.mark.parametrize("text", ["status: [", "status: PASSED\n", "", "name: llama-3\nversion: 1.0.0\n"])
def test_a_scan_of_an_ancestor_that_nobody_can_read_may_be_a_failed_one(open_: Registry, text: str) -> None:
    made_of(open_, "kid", "{model: llama-3@1.0.0, relation: finetune}")
    assert "lineage-tainted" not in denied(open_, name="kid")
    open_.write("models/llama-3/scans/1.0.0.yaml", text)
    assert "lineage-tainted" in denied(open_, name="kid")
    made_of(open_, "kid", "{model: llama-3@1.1.0, relation: finetune}")
    assert "lineage-tainted" not in denied(open_, name="kid"), "made of another version"


OF_HUB = "{model: hf:meta-llama/meta-llama-3-8b, relation: quantized, license_type: MIT}"


def test_a_catalog_in_no_commit_knows_its_hub_ids(open_: Registry) -> None:
    """Git has commits, as of the project around it; what they do not hold is looked up on disk."""
    held = open_.read("models/llama-3/model.yaml")
    open_.write("models/llama-3/model.yaml", held + "license_restrictions: {commercial_use: false}\n")
    made_of(open_, "kid", OF_HUB)
    assert "restricted" in denied(open_, name="kid")
    (open_.root / "README.md").write_text("x")
    (open_.root / ".gitignore").write_text("catalog\n")
    open_.commit_all("a project around it")
    assert "restricted" in denied(open_, name="kid")


def test_a_new_model_of_the_hub_is_known_before_its_commit(open_: Registry) -> None:
    made_of(open_, "kid", OF_HUB)
    held = open_.read("models/llama-3/model.yaml")
    folder = open_.root / "catalog/models/llama-3"
    folder.rename(open_.root / "aside")
    open_.commit_all("without it")
    (open_.root / "aside").rename(folder)
    open_.write("models/llama-3/model.yaml", held + "license_restrictions: {commercial_use: false}\n")
    assert "restricted" in denied(open_, name="kid")


def test_a_crowd_of_ancestors_hides_none(open_: Registry) -> None:
    """Another version was made of more models than a lineage is followed through."""
    held = open_.read("models/llama-3/model.yaml")
    open_.write("models/llama-3/model.yaml", held + "license_restrictions: {commercial_use: false}\n")
    made_of(open_, "kid", OF_HUB)
    names = [f"m{number}" for number in range(1100)]
    for name in names:
        open_.write(f"models/{name}/model.yaml", KID.replace("kid", name))
    bases = ", ".join(f"{{model: {name}, relation: merge}}" for name in names)
    crowd = KID_VERSION.replace("1.0.0", "0.9.0") + f"base_models: [{bases}]\n"
    open_.write("models/kid/versions/0.9.0.yaml", crowd)
    outcome = open_("deploy-check", "kid@1.0.0", "--use", "commercial", "--now", NOW, "--json")
    assert (outcome.code, outcome.out) == (2, "")
    assert "more than 1000 models" in outcome.err


def test_a_model_that_was_made_of_itself_is_denied(open_: Registry) -> None:
    """One of the statements is wrong, so nobody knows what it was made of; check refuses it as well."""
    held = open_.read("models/llama-3/model.yaml")
    made_of(open_, "kid", "{model: llama-3, relation: finetune}")
    assert denied(open_, name="kid") == {"files-missing", "source-unpinned"}, "nothing of the lineage"
    open_.write("models/llama-3/model.yaml", held + "base_models: [{model: kid, relation: merge}]\n")
    assert "lineage-cycle" in denied(open_, name="kid")
    assert "lineage-cycle" in denied(open_)


CLOCKS = ("0001-01-01", "9999-12-31T23:59:59Z")


@pytest.mark.parametrize("now", CLOCKS)
def test_a_clock_at_either_end_of_time_answers(strict: Registry, now: str) -> None:
    outcome = strict("deploy-check", "llama-3", "--use", "commercial", "--now", now)
    assert outcome.code in (1, 2), outcome.err
    assert strict("license", "check", "llama-3", "--use", "commercial", "--now", now).code in (0, 2)
