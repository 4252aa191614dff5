"""Credentials are found, and never quoted. Samples are put together here, so nobody takes them for leaks."""

from __future__ import annotations

import pytest

from budmodel.domain.credentials import redact, secrets_in

MIX = "a1B2c3D4e5" * 6
SAMPLES = [
    ("an AWS access key id", "AKIA" + "ABCDEFGH12345678"),
    ("an AWS access key id", "ASIA" + "ABCDEFGH12345678"),
    ("an AWS secret key", "aws_secret_access_key" + " = " + MIX[:40]),
    ("a Hugging Face token", "hf_" + MIX[:34]),
    ("a GitHub token", "ghp_" + MIX[:36]),
    ("a GitHub token", "ghs_" + MIX[:36]),
    ("a GitHub token", "github_pat_" + MIX[:40]),
    ("a GitLab token", "glpat-" + MIX[:20]),
    ("a Slack token", "xoxb-" + "1" * 12 + "-" + MIX[:20]),
    ("a Google API key", "AIza" + MIX[:35]),
    ("an OpenAI or Anthropic API key", "sk-" + "proj-" + MIX[:40]),
    ("an OpenAI or Anthropic API key", "sk-" + "ant-api03-" + MIX[:40]),
    ("a private key", "-----BEGIN " + "OPENSSH PRIVATE KEY-----"),
    ("a JSON web token", "eyJ" + MIX[:20] + ".eyJ" + MIX[:20] + "." + MIX[:20]),
    ("a password in a URL", "https" + "://jane:" + MIX[:8] + "@example.org/"),
    ("a signed URL", "https://example.org/?X-Amz-" + "Signature=" + MIX[:20]),
]


@pytest.mark.parametrize(("kind", "sample"), SAMPLES, ids=range(len(SAMPLES)))
def test_found_with_its_place(kind: str, sample: str) -> None:
    raw = f"name: tiny\r\nnotes: “é” {sample} and more\n".encode()
    (secret,) = secrets_in(raw)
    assert (secret.kind, secret.line) == (kind, 2)
    assert secret.column >= len("notes: “é” ") + 1


@pytest.mark.parametrize("sample", [sample for _, sample in SAMPLES])
def test_redacted(sample: str) -> None:
    text = redact(f"value: {sample} !")
    assert text.startswith("value: ") and text.endswith(" !")
    assert MIX[:8] not in text and "ABCDEFGH12345678" not in text and "PRIVATE KEY" not in text


@pytest.mark.parametrize(
    "harmless",
    [
        "sha256: " + "0123456789abcdef" * 4,
        "tags: [task-oriented-dialogue-2024-model-v1, sk-learn-based-classification]",
        "hf_transfer: true",
        "homepage: https://example.org:8080/a@b",
        "contact: jane@example.org",
        "-----BEGIN SSH SIGNATURE-----",
        "-----BEGIN PUBLIC KEY-----",
        "time: 12:30:00@UTC",
        "git@example.org:team/repo.git",
    ],
)
def test_harmless(harmless: str) -> None:
    assert secrets_in(harmless.encode()) == []
    assert redact(harmless) == harmless


def test_one_for_each_line_and_kind_in_order() -> None:
    key = "AKIA" + "ABCDEFGH12345678"
    found = secrets_in(f"{key} {key}\n\nhf_{MIX[:34]} {key}\n".encode())
    assert [(s.line, s.column, s.kind) for s in found] == [
        (1, 1, "an AWS access key id"),
        (3, 1, "a Hugging Face token"),
        (3, 39, "an AWS access key id"),
    ]


def test_bytes_that_are_no_text() -> None:
    assert secrets_in(b"\xff\xfe\x00" * 10) == []
    (secret,) = secrets_in(b"\xff\xff AKIA" + b"ABCDEFGH12345678")
    assert secret.column == 4
