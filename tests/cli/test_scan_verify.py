"""``budmodel scan-verify``: the words, the JSON and the exit code, for records that prove and that do not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from budmodel.domain.manifest import manifest_sha256
from budmodel.schema.version import File
from cli.small_catalog import COMMIT, NOW, SHA, Registry
from signing import KeyPair, signed_data

TOOLS = Path(__file__).parents[2] / "tools"
KEY = KeyPair.make()
WHO = "scanner@example.org"
FILE = {"path": "model.safetensors", "size": 1000, "sha256": SHA}
FILES = [File.model_validate(FILE)]
ENGINES = ("clamav", "content", "safetensors")
SCAN = "models/llama-3/scans/1.0.0.yaml"


def seen(engine: str, **fields: Any) -> dict[str, Any]:
    return {
        "path": "model.safetensors",
        "engine": engine,
        "format": "safetensors",
        "verdict": "clean",
        "bytes_seen": 1000,
        "bytes_total": 1000,
        **fields,
    }


def record(**fields: Any) -> dict[str, Any]:
    data = {
        "name": "llama-3",
        "version": "1.0.0",
        "status": "PASSED",
        "manifest_sha256": manifest_sha256(FILES),
        "source": {"type": "huggingface", "model_id": "meta-llama/Meta-Llama-3-8B", "revision": COMMIT},
        "locations": ["s3://bud-models/llama-3/1.0.0/"],
        "started": "2026-11-20T10:00:00Z",
        "finished": "2026-11-20T11:00:00Z",
        "engines": [
            {
                "name": "clamav",
                "version": "1.4.3",
                "database": {"version": "27000", "date": "2026-11-19T08:00:00Z", "signatures": 8_700_000},
            },
            {"name": "content", "version": "1"},
            {"name": "safetensors", "version": "1"},
        ],
        "limits": [{"engine": "clamav", "window_bytes": 1 << 26, "overlap_bytes": 1 << 20, "canaries": 2}],
        "files": [seen(engine) for engine in ENGINES],
        **fields,
    }
    return {key: value for key, value in data.items() if value is not None}


def put(registry: Registry, data: dict[str, Any], *, sign: bool = True, key: KeyPair = KEY) -> None:
    """Writes a record, signed or not, and trusts KEY. JSON is YAML."""
    stated = signed_data(data, FILES, key) if sign else data
    registry.write(SCAN, json.dumps(stated))
    registry.write("allowed_signers", KEY.allowed())


def problems(registry: Registry, *options: str) -> list[str]:
    told = registry("scan-verify", "llama-3@1.0.0", "--json", "--now", NOW, *options)
    result = told.json["result"]
    assert told.code == (1 if result["problems"] else 0)
    assert told.json["total"] == len(result["problems"])
    assert result["ok"] is (told.code == 0)
    return list(result["problems"])


def test_a_whole_signed_record_is_proof(registry: Registry) -> None:
    put(registry, record())
    told = registry("scan-verify", "llama-3", "--now", NOW)
    assert (told.code, told.err) == (0, "")
    fingerprint = KEY.public.fingerprint
    assert told.out == (
        "llama-3@1.0.0 is proven to be clean, as far as a scan can tell\n"
        "\n"
        "Verdict     PASSED, finished 2026-11-20T11:00:00Z\n"
        f"Bytes       {manifest_sha256(FILES)} (bound)\n"
        "Seen whole  1 of 1 file, 1 kB of 1 kB\n"
        "Engine      clamav 1.4.3, signatures 27000 of 2026-11-19T08:00:00Z\n"
        "Engine      content 1\n"
        "Engine      safetensors 1\n"
        "Proven      clamav finds at the far end of 67108864 bytes (canaries: 2)\n"
        f"Signature   trusted: {WHO} signed with the key {fingerprint}, judged at 2026-11-20T11:00:00Z\n"
        "Age         2 days of 90 allowed\n"
        "\n"
        "What the record does not prove:\n"
        "  Anything about malware that no signature describes, such as what became known after 2026-11-19.\n"
        "  How the model behaves: weights that were trained to mislead hold nothing that a scanner finds.\n"
    )


def test_the_json_states_all_of_it(registry: Registry) -> None:
    put(registry, record())
    told = registry("scan-verify", "llama-3@production", "--json", "--now", NOW)
    result = told.json["result"]
    assert list(result) == [
        "name", "version", "ok", "status", "finished", "manifest_sha256", "bound", "problems", "not_proven",
        "engines", "limits", "coverage", "signature", "age", "signer_problems",
    ]  # fmt: skip
    assert result["coverage"] == {
        "files": 1, "files_covered": 1, "bytes": 1000, "bytes_covered": 1000, "uncovered": [],
    }  # fmt: skip
    assert result["signature"] == {
        "kind": "trusted",
        "signer": WHO,
        "fingerprint": KEY.public.fingerprint,
        "reason": f"{WHO} signed with the key {KEY.public.fingerprint}",
        "at": "2026-11-20T11:00:00Z",
        "required": True,
    }
    assert result["age"] == {
        "scan_days": 2,
        "scan_limit_days": 90,
        "database_days": {"clamav": 1},
        "database_limit_days": 7,
        "stale": [],
    }
    assert result["engines"][0]["database"]["signatures"] == 8_700_000
    assert result["limits"] == record()["limits"]


GAP = "not every byte was seen by every engine: model.safetensors: "


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"name": "other"}, ["the record was made for other@1.0.0"]),
        ({"manifest_sha256": "0" * 64}, ["the record is bound to other bytes than version 1.0.0 lists"]),
        ({"source": {"type": "local"}}, ["the record names another source than version 1.0.0"]),
        (
            {"locations": ["s3://elsewhere/"]},
            ["the record does not say that s3://bud-models/llama-3/1.0.0/ was read"],
        ),
        ({"files": [seen("clamav"), seen("content")]}, [f"{GAP}safetensors did not see it"]),
        (
            {"files": [seen("clamav"), seen("safetensors")]},
            [f"{GAP}its format was not decided by its content"],
        ),
        ({"files": []}, [f"{GAP}no engine saw it"]),
        (
            {"files": [seen("clamav", bytes_seen=999), seen("content"), seen("safetensors")]},
            [f"{GAP}clamav saw 999 of 1000 bytes"],
        ),
        (
            {"files": [seen("clamav", verdict="limit"), seen("content"), seen("safetensors")]},
            [f"{GAP}clamav says limit"],
        ),
        (
            {"files": [seen("clamav"), seen("content", format="pickle"), seen("safetensors")]},
            [f"{GAP}its format was not decided by its content"],
        ),
        (
            {"files": [seen(engine, format="hdf5") for engine in ENGINES]},
            [f"{GAP}hdf5 is a refused format"],
        ),
        (
            {"files": [seen(engine, format="unknown") for engine in ENGINES]},
            [f"{GAP}no engine can clear unknown"],
        ),
        ({"engines": record()["engines"][:2]}, [f"{GAP}safetensors is not among the engines of the run"]),
        (
            {
                "status": "FAILED",
                "findings": [
                    {"id": "malware:x", "engine": "clamav", "severity": "critical", "message": "Eicar"}
                ],
            },
            ["the scan FAILED: malware:x"],
        ),
        (
            {"status": "SKIPPED", "reason": "too large"},
            ["the scan was SKIPPED: too large"],
        ),
        (
            {
                "status": "SCANNING",
                "finished": None,
                "attempt": {"started": "2026-11-20T10:00:00Z", "error": "clamd went away"},
            },
            ["the scan has no verdict yet: clamd went away"],
        ),
    ],
)
def test_what_a_record_lacks(registry: Registry, fields: dict[str, Any], expected: list[str]) -> None:
    put(registry, record(**fields))
    assert problems(registry) == expected
    told = registry("scan-verify", "llama-3@1.0.0", "--now", NOW)
    assert told.code == 1
    assert told.out.startswith(f"llama-3@1.0.0 is not proven to be clean:\n  {expected[0]}\n")


def test_forgeries(registry: Registry) -> None:
    stranger = KeyPair.make()
    put(registry, record(), key=stranger)
    assert problems(registry) == [
        f"the signature is not trusted: the key {stranger.public.fingerprint} is in no line of "
        "catalog/allowed_signers that trusts"
    ]
    put(registry, record())
    edited = json.loads(registry.read(SCAN)) | {"finished": "2026-11-21T11:00:00Z"}
    registry.write(SCAN, json.dumps(edited))
    assert problems(registry) == [
        "the signature is not trusted: it was made over other bytes, or by another key than it names"
    ]


def test_a_signature_is_needed_where_the_policy_asks_for_it(registry: Registry) -> None:
    put(registry, record(), sign=False)
    assert problems(registry) == ["nobody has signed the record, and the policy requires a signature"]
    registry.write("policy.yaml", "scans: {signatures_required: false}\n")
    assert problems(registry) == []
    # A signature that does not hold is no better for not being required.
    put(registry, record(), key=KeyPair.make())
    assert len(problems(registry)) == 1


def test_a_policy_may_ask_for_more_engines(registry: Registry) -> None:
    put(registry, record())
    registry.write("policy.yaml", "scans: {engines: {safetensors: [house-engine]}}\n")
    assert problems(registry) == [f"{GAP}house-engine did not see it"]


def test_what_is_old_is_told_and_left_to_the_gate(registry: Registry) -> None:
    data = record()
    data["engines"][0]["database"] = {"date": "2026-10-01T00:00:00Z"}
    put(registry, data)
    told = registry("scan-verify", "llama-3", "--json", "--now", "2027-05-01")
    assert told.code == 0
    assert told.json["result"]["age"]["stale"] == [
        "the scan is 161 days old, the policy allows 90",
        "the signatures of clamav were 50 days old at the scan, the policy allows 7",
    ]
    del data["engines"][0]["database"]
    put(registry, data)
    told = registry("scan-verify", "llama-3", "--json", "--now", "2026-11-01")
    assert told.json["result"]["age"]["stale"] == [
        "the scan says that it finished in the future",
        "the signatures of clamav bear no date",
    ]


def test_what_windows_leave_open_is_said(registry: Registry) -> None:
    put(registry, record(limits=[{"engine": "clamav", "window_bytes": 500, "canaries": 2}]))
    told = registry("scan-verify", "llama-3", "--now", NOW)
    assert "Signatures of a whole file's hash or length for 1 of the files" in told.out
    put(registry, record(limits=[]))
    assert "no canaries were found before and after" in registry("scan-verify", "llama-3", "--now", NOW).out


def test_lines_that_trust_nobody_are_remarks(registry: Registry) -> None:
    put(registry, record())
    registry.write("allowed_signers", f"{KEY.allowed()}* {KEY.public_line}\n")
    told = registry("scan-verify", "llama-3", "--now", NOW)
    assert told.code == 0
    assert told.err == (
        "budmodel: catalog/allowed_signers:2: wildcards and ! are not allowed; name every principal itself; "
        "the line trusts nobody\n"
    )


def test_nothing_to_verify(registry: Registry) -> None:
    told = registry("scan-verify", "llama-3")
    assert (told.code, told.err) == (
        1,
        "budmodel: llama-3@1.0.0 has no scan record, so nothing is proven; run budmodel scan llama-3@1.0.0\n",
    )
    registry.write(SCAN, "status: PASSED\n")
    told = registry("scan-verify", "llama-3")
    assert told.code == 2
    assert told.err.startswith(
        "budmodel: catalog/models/llama-3/scans/1.0.0.yaml:1:1: the record is invalid;"
    )


def test_an_earlier_state_is_verified_with_its_own_signers(registry: Registry) -> None:
    put(registry, record())
    first = registry.commit_all("signed")
    registry.write("allowed_signers", "# nobody\n")
    assert len(problems(registry)) == 1
    assert problems(registry, "--at", first) == []


def test_ssh_keygen_verifies_the_statement_by_hand(registry: Registry, tmp_path: Path) -> None:
    """The commands of site/docs/guides/scan-evidence.md."""
    put(registry, record())
    statement = printed(registry, tmp_path, "--statement")
    assert json.loads(statement)["subject"] == [{"name": "model.safetensors", "digest": {"sha256": SHA}}]
    (tmp_path / "sig").write_bytes(printed(registry, tmp_path, "--signature"))
    ssh = ["ssh-keygen", "-Y", "verify", "-f", str(registry.root / "catalog/allowed_signers"), "-I", WHO]
    ssh += ["-n", "budmodel-scan", "-s", str(tmp_path / "sig"), "-Overify-time=20261120110000Z"]
    told = subprocess.run(ssh, input=statement, capture_output=True, check=False)
    assert told.returncode == 0 and told.stdout.startswith(b'Good "budmodel-scan" signature for ')
    assert subprocess.run(ssh, input=statement + b"\n", capture_output=True, check=False).returncode != 0


def printed(registry: Registry, home: Path, option: str) -> bytes:
    """What the command writes, to the byte."""
    command = [sys.executable, "-m", "budmodel", "-C", str(registry.root), "scan-verify", "llama-3", option]
    env = {"PYTHONPATH": str(TOOLS), "HOME": str(home)}
    return subprocess.run(command, capture_output=True, check=True, env=env).stdout


def test_an_unsigned_record_has_a_statement_and_no_signature(registry: Registry) -> None:
    put(registry, record(), sign=False)
    assert registry("scan-verify", "llama-3", "--statement").json["predicateType"] == "urn:budmodel:scan:v1"
    told = registry("scan-verify", "llama-3", "--signature")
    assert (told.code, told.out, told.err) == (
        1,
        "",
        "budmodel: nobody has signed the scan record of llama-3@1.0.0; scan it with --key PATH\n",
    )
    assert registry("scan-verify", "llama-3", "--signature", "--statement").code == 2


def test_the_list_of_scans_counts_what_policy_does_not_believe(registry: Registry) -> None:
    put(registry, record())
    young = registry("scans", "llama-3@1.0.0", "--now", NOW).err
    old = registry("scans", "llama-3@1.0.0", "--now", "2027-11-22").err
    assert young == "budmodel: 1 of 1 versions passed\n"
    assert old == "budmodel: 1 of 1 versions passed, 1 of them in doubt\n"


def test_a_scan_that_nobody_signed_is_listed_where_policy_wants_a_signature(registry: Registry) -> None:
    put(registry, record(), sign=False)
    asked = ("scans", "llama-3@1.0.0", "--now", NOW, "--stale")
    assert "1 of them in doubt; 1 need a scan" in registry(*asked).err
    registry.write("policy.yaml", "scans: {signatures_required: false}\n")
    assert "1 of 1 versions passed; 0 need a scan" in registry(*asked).err


def test_signatures_without_number_and_date_are_told_in_words(registry: Registry) -> None:
    engines = [{"name": "clamav", "version": "1.4.3", "database": {}}, *record()["engines"][1:]]
    put(registry, record(engines=engines))
    out = registry("scan-verify", "llama-3@1.0.0", "--now", NOW).out
    assert "Engine      clamav 1.4.3, signatures without a number, undated\n" in out
