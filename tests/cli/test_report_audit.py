"""``budmodel report audit``: what decided about a version on a day, on one page."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from cli.small_catalog import LICENSE, WAIVER, Registry
from signing import KeyPair

MODEL, RECORD = "catalog/models/llama-3/model.yaml", "catalog/models/llama-3/versions/1.0.0.yaml"
KEY = KeyPair.make()
ACKNOWLEDGMENT = """\
name: llama-3
version: 1.0.0
use: internal
by: ada@example.org
on: 2026-01-03T00:00:00Z
license_id: llama-3-community
note: For the <b>chat</b> team.
"""


@pytest.fixture
def audited(registry: Registry) -> Registry:
    """January: registered by Bea, merged by Ada, waived. March: another licence, the waiver has ended."""
    manifest = registry("show", "llama-3@1.0.0", "--json").json["result"]["versions"][0]["manifest_sha256"]
    shutil.copytree(registry.root / "catalog" / "models", registry.root / "models")
    shutil.rmtree(registry.root / "catalog" / "models" / "llama-3")
    registry.write("policy.yaml", "licenses: {acknowledgment: [llama-3-community]}\n")
    registry.commit_all("Begin", "2026-01-01T00:00:00Z")
    registry.git("checkout", "-q", "-b", "change")
    shutil.copytree(registry.root / "models" / "llama-3", registry.root / "catalog" / "models" / "llama-3")
    shutil.rmtree(registry.root / "models")
    registry.git("config", "user.name", "Bea")
    registry.git("config", "user.email", "bea@example.org")
    registry.commit_all("Register llama-3", "2026-01-02T00:00:00Z")
    registry.git("checkout", "-q", "main")
    registry.git("config", "user.name", "Ada")
    registry.git("config", "user.email", "ada@example.org")
    registry.git("merge", "-q", "--no-ff", "-m", "Merge llama-3", "change", when="2026-01-03T00:00:00Z")
    registry.write(
        "waivers/unseen.yaml", WAIVER.format(manifest=manifest).replace("2027-05-22", "2026-02-01")
    )
    registry.write("acknowledgments/llama-3/1.0.0/20260103T000000Z-00000000.yaml", ACKNOWLEDGMENT)
    registry.commit_all("Waive and acknowledge", "2026-01-04T00:00:00Z")
    registry.write("licenses/llama-3-community.yaml", LICENSE.replace("conditional", "false"))
    registry.commit_all("Read the licence anew", "2026-03-01T00:00:00Z")
    return registry


def page(registry: Registry, *arguments: str) -> dict[str, Any]:
    outcome = registry("report", "audit", "llama-3", "--mau", "9", "--json", *arguments)
    assert outcome.code == 0, outcome.err
    assert outcome.json["total"] == 1
    found: dict[str, Any] = outcome.json["result"]
    return found


def decisions(found: dict[str, Any]) -> dict[str, str]:
    return {one["use"]: one["decision"] for one in found["decisions"]}


def codes(found: dict[str, Any], level: str) -> set[str]:
    return {r["code"] for one in found["decisions"] for r in one["reasons"] if r["level"] == level}


def test_the_answers_are_those_of_deploy_check_on_that_day(audited: Registry) -> None:
    for day in ("2026-01-20", "2026-02-20", "2026-03-20"):
        found = page(audited, "--at", day)
        for use, decision in decisions(found).items():
            asked = audited("deploy-check", "llama-3", "--use", use, "--mau", "9", "--at", day, "--json").json
            assert decision == asked["decision"]
            shown = next(one for one in found["decisions"] if one["use"] == use)
            assert {key: shown[key] for key in asked} == asked


def test_waivers_and_acknowledgments_are_those_of_the_day(audited: Registry) -> None:
    january, february = page(audited, "--at", "2026-01-20"), page(audited, "--at", "2026-02-20")
    assert "scan-missing" in codes(january, "warn") and "scan-missing" not in codes(january, "deny")
    assert "scan-missing" in codes(february, "deny")
    assert [one["in_force"] for one in january["waivers"]] == [True]
    assert [one["in_force"] for one in february["waivers"]] == [False]
    assert january["scan"]["state"]["text"].startswith("not scanned, waived until 2026-02-01")
    assert february["scan"]["state"]["text"] == "not scanned"
    assert "has no scan record" in january["scan"]["no_proof"]
    (taken,) = january["acknowledgments"]
    assert (taken["record"]["by"], taken["record"]["use"]) == ("ada@example.org", "internal")
    assert taken["origin"]["approved"]["subject"] == "Waive and acknowledge"
    early = page(audited, "--at", "2026-01-03")
    assert (early["waivers"], early["acknowledgments"]) == ([], [])


def test_the_licence_is_the_one_that_stood(audited: Registry) -> None:
    (january,) = page(audited, "--at", "2026-01-20")["license"]["licenses"]
    (march,) = page(audited, "--at", "2026-03-20")["license"]["licenses"]
    assert (january["record"]["commercial_use"], march["record"]["commercial_use"]) == ("conditional", False)
    assert january["origin"]["approved"]["subject"] == "Begin"
    assert march["origin"]["approved"]["subject"] == "Read the licence anew"
    assert march["origin"]["introduced"]["subject"] == "Begin"
    assert january["origin"]["sha256"] != march["origin"]["sha256"]


def test_who_merged_and_who_wrote(audited: Registry) -> None:
    records = {one["path"]: one for one in page(audited, "--at", "2026-01-20")["records"]}
    approved = records[RECORD]["approved"]
    assert (approved["merge"], approved["subject"]) == (True, "Merge llama-3")
    assert (approved["author"]["name"], approved["author"]["time"]) == ("Ada", "2026-01-03T00:00:00Z")
    assert (approved["written_by"]["name"], approved["written_by"]["time"]) == ("Bea", "2026-01-02T00:00:00Z")
    assert approved["signature"]["kind"] == "unsigned"
    assert records["catalog/policy.yaml"]["approved"]["merge"] is False
    text = audited("report", "audit", "llama-3", "--at", "2026-01-20").out
    assert "merged by Ada <ada@example.org>; written by Bea <bea@example.org>" in text


@pytest.mark.parametrize(
    ("allowed", "kind"),
    [
        ('ada@example.org namespaces="git" {key}', "trusted"),
        ('ada@example.org namespaces="budmodel-scan" {key}', "untrusted"),
        ('ada@example.org namespaces="git",valid-before="20260101Z" {key}', "untrusted"),
        ("# nobody", "untrusted"),
    ],
    ids=["known", "other-namespace", "retired", "unknown"],
)
def test_signatures_of_commits_are_verified(
    registry: Registry, tmp_path: Path, allowed: str, kind: str
) -> None:
    """``git verify-commit`` agrees; but here no program that the configuration names runs."""
    key, signers = tmp_path / "key", tmp_path / "signers"
    key.write_bytes(KEY.private)
    key.chmod(0o600)
    registry.write("allowed_signers", allowed.format(key=KEY.public_line) + "\n")
    signers.write_text(f'ada@example.org namespaces="git" {KEY.public_line}\n')
    registry.git("init", "-q", "-b", "main")
    for name, value in (
        ("user.name", "Ada"),
        ("user.email", "ada@example.org"),
        ("gpg.format", "ssh"),
        ("user.signingKey", str(key)),
        ("commit.gpgSign", "true"),
        ("gpg.ssh.allowedSignersFile", str(signers)),
    ):
        registry.git("config", name, value)
    registry.commit_all("Signed", "2026-01-05T00:00:00Z")
    registry.git("verify-commit", "HEAD")
    registry.git("config", "gpg.ssh.program", "/nowhere/evil")
    records = {one["path"]: one for one in page(registry)["records"]}
    signature = records[MODEL]["approved"]["signature"]
    assert signature["kind"] == kind
    assert signature["signer"] == ("ada@example.org" if kind == "trusted" else None)


def test_a_moment_a_revision_and_today(audited: Registry) -> None:
    assert page(audited, "--at", "2026-01-20")["evaluated_at"] == "2026-01-20T23:59:59Z"
    rev = page(audited, "--at", "HEAD~1")
    assert (rev["evaluated_at"], rev["commit_time"]) == ("2026-01-04T00:00:00Z", "2026-01-04T00:00:00Z")
    assert page(audited, "--at", "HEAD~1", "--now", "2026-02-03")["evaluated_at"] == "2026-02-03T00:00:00Z"
    assert page(audited)["commit"] == audited.git("rev-parse", "HEAD")


def test_the_page_reads_one_commit_and_nothing_on_disk(audited: Registry) -> None:
    before = page(audited, "--at", "2026-01-20")
    shutil.rmtree(audited.root / "catalog")
    assert page(audited, "--at", "2026-01-20") == before


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_every_format_tells_all_of_it(audited: Registry, form: str) -> None:
    outcome = audited("report", "audit", "llama-3@production", "--at", "2026-01-20", "--format", form)
    assert outcome.code == 0
    parts = [
        *("Decision", "Reasons", "Duties", "Approval", "Licence", "Scan", "Waivers", "Acknowledgments"),
        *("2026-01-20T23:59:59Z", audited.git("rev-parse", "HEAD~1"), "Merge llama-3", "Bea"),
        *("llama-3-community", "700,000,000", "catalog/waivers/unseen.yaml", "nobody has seen the bytes"),
        *("ada@example.org", "version 1.0.0 added"),
    ]
    for part in parts:
        assert part in outcome.out, part
    assert outcome.out == audited("report", "audit", "llama-3", "--at", "2026-01-20", "--format", form).out
    if form == "html":
        assert "<b>chat" not in outcome.out and "&lt;b&gt;chat" in outcome.out
        assert not re.search(r"<script|https?://[^ ]*['\"]|\bon\w+=", outcome.out)
    if form == "markdown":
        assert "`For the <b>chat</b> team.`" in outcome.out


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_names_and_subjects_of_commits_are_data(registry: Registry, form: str) -> None:
    registry.commit_all("Begin")
    registry.git("config", "user.name", "E\x1b[31mve|`<script>alert(1)</script>")
    registry.write("models/llama-3/model.yaml", registry.read("models/llama-3/model.yaml") + "# x\n")
    registry.commit_all("Say <img src=x onerror=alert(1)> \x1b]0;x\x07 | `")
    text = registry("report", "audit", "llama-3", "--format", form).out
    assert "\x1b" not in text and "\x07" not in text
    assert "Say " in text and "alert(1)" in text
    if form == "html":
        assert "<script" not in text and "<img" not in text
    if form == "markdown":
        assert all("<" not in part for line in text.splitlines() for part in _outside_code(line)), (
            "everything foreign stands in code spans"
        )


def _outside_code(line: str) -> list[str]:
    return re.split(r"(`+)(?!`).*?(?<!`)\1(?!`)", line)[::2]


def test_a_name_of_later_is_told(audited: Registry) -> None:
    early = audited("report", "audit", "llama-3", "--at", "2026-01-01")
    assert (early.code, early.out) == (2, "")
    assert "it came on 2026-01-02 with commit " in early.err and "name a later date" in early.err
    audited.git("mv", "catalog/models/llama-3", "catalog/models/llama-three")
    record = audited.read("models/llama-three/model.yaml")
    audited.write("models/llama-three/model.yaml", record.replace("name: llama-3", "name: llama-three"))
    audited.commit_all("Rename it", "2026-04-01T00:00:00Z")
    moved = audited("report", "audit", "llama-three", "--at", "2026-03-02")
    assert (moved.code, moved.out) == (2, "")
    assert "it came on 2026-04-01 with commit " in moved.err
    assert "as another name of llama-3; ask about llama-3" in moved.err
    assert audited("report", "audit", "llama-3", "--at", "2026-03-02").code == 0
    gone = audited("report", "audit", "llama-3", "--at", "2026-04-02")
    assert (gone.code, gone.out) == (2, "")
    assert "it went on 2026-04-01 with commit " in gone.err and "is called llama-three since" in gone.err
    audited("remove", "llama-three", "--reason", "old")
    audited.commit_all("Remove it", "2026-05-01T00:00:00Z")
    assert "it was removed on" in audited("report", "audit", "llama-three", "--at", "2026-05-02").err


def test_it_is_written_where_asked(audited: Registry, tmp_path: Path) -> None:
    target = tmp_path / "audit.html"
    outcome = audited("report", "audit", "llama-3", "--format", "html", "--output", str(target))
    assert (outcome.code, outcome.out) == (0, "")
    assert target.read_text().startswith("<!doctype html>")
    assert audited("report", "audit", "llama-3", "--json", "--output", str(tmp_path / "a.json")).code == 0


def test_what_cannot_be_told_is_said(audited: Registry, tmp_path: Path) -> None:
    assert (
        "no model 'llama-4' in the catalog; did you mean llama-3?"
        in audited("report", "audit", "llama-4").err
    )
    gone = audited("report", "audit", "llama-3", "--at", "2026-01-01")
    assert (gone.code, gone.out) == (2, "")
    audited.git("clone", "-q", "--depth=1", audited.root.as_uri(), str(tmp_path / "shallow"))
    shallow = Registry(tmp_path / "shallow", audited._capsys)("report", "audit", "llama-3")
    assert (shallow.code, shallow.out) == (4, "")
    assert "git fetch --unshallow" in shallow.err


def test_it_needs_git(registry: Registry) -> None:
    outcome = registry("report", "audit", "llama-3")
    assert outcome.code == 2
    assert "report audit needs Git" in outcome.err


@pytest.mark.parametrize(("code", "says"), [("UK", "write GB"), ("XX", "such as DE")])
def test_a_territory_that_is_none_is_wrong_usage(registry: Registry, code: str, says: str) -> None:
    """UK would lie in no excluded territory, and the page would say yes where the licence excludes GB."""
    outcome = registry("report", "audit", "llama-3", "--territory", code)
    assert (outcome.code, outcome.out) == (2, "")
    assert says in outcome.err


def test_a_territory_that_the_licence_excludes_is_denied(audited: Registry) -> None:
    text = audited.read("licenses/llama-3-community.yaml")
    audited.write("licenses/llama-3-community.yaml", text + "territories_excluded: [GB]\n")
    audited.commit_all("Exclude GB", "2026-03-02T00:00:00Z")
    told = {place: codes(page(audited, "--territory", place), "deny") for place in ("gb", "US")}
    assert "territory" in told["gb"]
    assert "territory" not in told["US"]
