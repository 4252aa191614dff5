"""Bad news lands: what only withdraws trust passes the gate, and deploy-check denies from then on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from budmodel.cli.main import run
from budmodel.store.yaml_reader import load
from gate.kit import Changes, Registry
from hostile.kit import FAILED, SCAN, VERSION, artifacts, model, record
from signing import KeyPair, signed_data

V, R, M = "models/v/versions/1.0.0.yaml", "models/v/scans/1.0.0.yaml", "models/v/model.yaml"
STRICT = "scans: {signatures_required: true, max_age_days: 3650}\n"
KEY, OTHER = KeyPair.make(), KeyPair.make()
FILES: list[Mapping[str, Any]] = load(record(VERSION).encode())["files"]


def scan(key: KeyPair = KEY, **fields: str) -> str:
    """The scan record of ``v``, signed; JSON is YAML, too."""
    return json.dumps(signed_data(load(record(SCAN, **fields).encode()), FILES, key))


BASE: Changes = {
    **artifacts(),
    R: scan(),
    "policy.yaml": STRICT,
    "allowed_signers": KEY.allowed() + OTHER.allowed("other@example.org"),
}
NEWS: dict[str, tuple[Changes, str]] = {
    "a rescan that found something": (
        {R: scan(finished="2026-05-31T00:00:00Z", **FAILED)},
        "scan-failed",
    ),
    "a yank of the default version": (
        {V: record(VERSION, "yanked: {reason: broken, on: 2026-05-31T00:00:00Z}")},
        "yanked",
    ),
    "a revoked signer": ({"allowed_signers": OTHER.allowed("other@example.org")}, "scan-untrusted"),
    "archiving": (
        {M: model("status: archived", name="v", source="{type: custom}", default_version="1.0.0")},
        "archived",
    ),
    "a licence that the policy denies": (
        {"policy.yaml": STRICT + "licenses: {denied: [MIT]}\n"},
        "license-denied",
    ),
    "bytes that the policy denies": (
        {"policy.yaml": STRICT + f"denied: [{{sha256: '{FILES[0]['sha256']}', reason: poisoned}}]\n"},
        "source-denied",
    ),
}


def deploy(registry: Registry, *more: str) -> tuple[int, dict[str, str]]:
    """Exit code, and level by code."""
    registry.capsys.readouterr()
    code = run(
        [
            "-C",
            str(registry.root),
            "deploy-check",
            "v",
            "--use",
            "internal",
            "--now",
            "2026-06-01",
            "--json",
            *more,
        ]
    )
    reasons = json.loads(registry.capsys.readouterr().out)["reasons"]
    return code, {one["code"]: one["level"] for one in reasons}


@pytest.mark.parametrize("name", NEWS, ids=str)
def test_it_lands_and_denies(registry: Registry, name: str) -> None:
    change, code = NEWS[name]
    registry.start(BASE)
    assert deploy(registry) == (0, {}), "before"
    registry.apply(change)
    outcome = registry.check()
    assert (outcome.code, outcome.json["summary"]["errors"]) == (0, 0), outcome.json["findings"]
    registry.commit("bad news")
    assert registry.check("--head", "change").code == 0
    registry.git("checkout", "-q", "main")
    registry.git("merge", "-q", "--no-ff", "-m", "Merge", "change")
    after, reasons = deploy(registry)
    assert (after, reasons.get(code)) == (1, "deny"), reasons
    # And what was allowed before can still be told.
    assert deploy(registry, "--at", "main~1")[0] == 0
