"""Whatever a record holds, no credential is printed: not in a message, a field, a fix or an excerpt."""

from __future__ import annotations

from pathlib import Path

import pytest

from budmodel.cli.check import FORMATS
from budmodel.cli.main import run
from hostile.kit import FAILED, LICENSE, NOW, WAIVER, artifacts, model, record, write

# Put together here, so that nobody takes this file for a leak.
CORE = "Q7" + "w3Zx9Kp2" * 4
TOKENS = {
    "hub": "hf" + "_" + CORE,
    "github": "ghp" + "_" + CORE,
    "openai": "sk" + "-proj-" + CORE,
    "aws": "AK" + "IA" + "QWERTYUIOPASDFGH",
    "url": "https" + "://user:" + CORE + "@example.org/x",
    "signed": "https://b.s3.amazonaws.com/x?X-Amz" + "-Signature=" + CORE,
    "key": "-----BEGIN RSA PRIVATE" + " KEY----- MIIEow" + CORE,
}
PEM = "-----BEGIN PRIVATE" + f" KEY-----\nMIIEvQ{CORE}\nMIIExx{CORE}\n-----END PRIVATE" + " KEY-----\n"


def leaves_nothing(root: Path, capsys: pytest.CaptureFixture[str], secret: str, *rules: str) -> None:
    """Checks in every format; ten characters of the secret would be too many."""
    parts = [secret[start : start + 10] for start in range(len(secret) - 9)]
    revealing = [part for part in parts if part in CORE or "QWERTY" in part or "MIIE" in part]
    for form in FORMATS:
        capsys.readouterr()
        assert run(["-C", str(root), "check", "--format", form, "--now", NOW]) == 1
        said = "".join(capsys.readouterr())
        assert not [part for part in revealing if part in said], form
        assert all(rule in said for rule in rules), form


@pytest.mark.parametrize("kind", TOKENS)
@pytest.mark.parametrize(
    "place",
    [
        "contact: {}\nstatus: [{}]",
        '"{}": 1',
        "links: {{paper: '{}', '{}': 1}}",
        "license_type: '{}'",
        'architecture: "a\\n{}"',
        'architecture: "a\\u200b{}"',
        "tasks: ['{}']",
        "contact: x {}\ncontact: '{}'",
        "'{}': 1\n'{}': 2",
        'contact: "{}',
        "retires_on: 'some words that are long enough for a cut at {}'",
        "retires_on: somewordsthatarelongenoughtobecutat={}",
        "# " + "x" * 980 + " {}\ncontact: 1",
        "owners: [{{a: 1}}, " + "x" * 950 + " {}]",
    ],
)
def test_in_a_model(kind: str, place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    secret = TOKENS[kind]
    text = (
        model(owners=None, architecture=None)
        + place.replace("{}", secret).replace("{{", "{").replace("}}", "}")
        + "\n"
    )
    write(tmp_path, {"models/s/model.yaml": text, "licenses/MIT.yaml": LICENSE})
    leaves_nothing(tmp_path, capsys, secret, "secret-in-catalog")


@pytest.mark.parametrize("kind", TOKENS)
def test_in_free_text_that_messages_quote(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = TOKENS[kind]
    long = f"'{'word ' * 38}{secret}'"
    reason = f"{{reason: {long}, on: 2026-01-01T00:00:00Z}}"
    found = FAILED["findings"].replace("Eicar", f"'{secret}'")
    write(
        tmp_path,
        {
            "licenses/MIT.yaml": LICENSE,
            **artifacts(version_fields={"yanked": reason}),
            **artifacts(scan_fields={"status": "SKIPPED", "reason": long}, name="w"),
            **artifacts(scan_fields={**FAILED, "findings": found}, name="x"),
            **artifacts({"license_type": None}, name="y"),
            "waivers/w.yaml": record(WAIVER, targets="[y@1.0.0]", reason=long, approved_by=f"'{secret}'"),
            "policy.yaml": f"denied: [{{sha256: {'ab' * 32}, reason: {long}}}]\n",
        },
    )
    leaves_nothing(tmp_path, capsys, secret, "secret-in-catalog")


@pytest.mark.parametrize(
    "broken",
    [
        "description: |\n  {}  x: [\n",
        "description: {}\n",
        "status: '{}'\n",
        "notes: {}tags: 5\n",
        'contact: "{}',
    ],
)
def test_nothing_of_a_private_key(broken: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(
        tmp_path, {"models/s/model.yaml": model() + broken.replace("{}", PEM), "licenses/MIT.yaml": LICENSE}
    )
    leaves_nothing(tmp_path, capsys, PEM, "secret-in-catalog")
