"""Removing models; adding, choosing and yanking versions; ``--commit`` and ``--branch``."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from cli.small_catalog import API, NOW, Registry


def test_remove_leaves_a_tombstone_and_blocks_the_name(registry: Registry) -> None:
    head = registry.commit_all("first")
    outcome = registry("remove", "llama-3", "--reason", "bad: licence", "--successor", "gpt-5", "--now", NOW)
    assert outcome.code == 0, outcome.err
    assert outcome.err == (
        "budmodel: llama-3-instruct loses its base; "
        "change base_models there, or budmodel check reports them\n"
    )
    assert not (registry.root / "catalog/models/llama-3").exists()
    assert registry.read("removed/llama-3.yaml") == (
        "# yaml-language-server: $schema=../../schemas/v1/tombstone.schema.json\n"
        "name: llama-3\n"
        'reason: "bad: licence"\n'
        'removed: "2026-11-22T12:00:00Z"\n'
        "by: Ada <ada@example.org>\n"
        "successor: gpt-5\n"
        "last_versions: [1.0.0, 1.1.0]\n"
        f"last_commit: {head}\n"
    )
    gone = "it was removed on 2026-11-22 (bad: licence); use gpt-5 instead"
    assert registry("show", "llama-3").err == f"budmodel: no model 'llama-3' in the catalog: {gone}\n"
    assert registry("add", "llama_3", "--architecture", "llama", "--parameter-count", "8B").err == (
        f"budmodel: the name llama-3 is not used again: {gone}; choose another name\n"
    )


def test_remove_refuses(registry: Registry) -> None:
    before = registry.files()
    assert registry("remove", "llama-3").err == (
        "budmodel: missing option '--reason'; see budmodel remove --help\n"
    )
    assert registry("remove", "llama-3", "--reason", "x", "--by", "me", "--successor", "llama-3").err == (
        "budmodel: llama-3 cannot succeed itself; name another model with --successor\n"
    )
    assert registry("remove", "llama-3@1.0.0", "--reason", "x").err == (
        "budmodel: 'llama-3@1.0.0' names a version, but this is about the whole model; write llama-3\n"
    )
    assert registry.files() == before


def test_version_add(registry: Registry) -> None:
    outcome = registry(
        "version", "add", "llama-3", "2.0.0-rc.1", "--changelog", "New vocabulary.", "--revision", "d" * 40,
        "--released", "2026-01-01", "--set-default",
    )  # fmt: skip
    assert outcome.code == 0, outcome.err
    assert registry.read("models/llama-3/versions/2.0.0-rc.1.yaml") == (
        "# yaml-language-server: $schema=../../../../schemas/v1/version.schema.json\n"
        "version: 2.0.0-rc.1\n"
        'released: "2026-01-01T00:00:00Z"\n'
        "changelog: New vocabulary.\n"
        "source:\n"
        "  type: huggingface\n"
        "  model_id: meta-llama/Meta-Llama-3-8B\n"
        f"  revision: {'d' * 40}\n"
    )
    assert registry("version", "default", "llama-3").out == "2.0.0-rc.1\n"


def test_version_add_warns_of_a_step_that_is_too_small(registry: Registry, tmp_path: Path) -> None:
    body = tmp_path / "version.json"
    for number, vocabulary in (("1.2.0", 32_000), ("1.2.1", 64_000), ("2.0.0", 64_000)):
        body.write_text(json.dumps({"fingerprint": {"vocab_size": vocabulary}}))
        outcome = registry("version", "add", "llama-3", number, "--from", str(body))
        assert outcome.code == 0
        warned = "which needs 2.0.0 or higher" in outcome.err
        assert warned == (number == "1.2.1"), outcome.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["llama-3", "1.1"], "'1.1' is not a SemVer version; write 1.1.0"),
        (["llama-3", "v2"], "'v2' is not a SemVer version; write 2.0.0"),
        (["llama-3", "../x"], "'../x' is not a SemVer version; write three numbers such as 1.0.0"),
        (["llama-3", "1.0.0"], "llama-3 has a version 1.0.0 already, and released versions do not change; "
                               "add another, or yank this one"),
        (["llama-3", "1.0.0+b"], "1.0.0+b has the same precedence as 1.0.0, since build metadata "
                                 "does not count; "
                                 "choose another number"),
        (["gpt-5", "1.0.0", "--storage-path", "s3://b/x"],
         "gpt-5 is reached through an API (source: api), so its versions have no files"),
        (["llama-3-instruct", "1.0.0", "--revision", "d" * 40],
         "llama-3-instruct names no repository on the Hub; state it with --model-id ORG/NAME"),
    ],
)  # fmt: skip
def test_version_add_refuses(registry: Registry, arguments: list[str], sentence: str) -> None:
    before = registry.files()
    outcome = registry("version", "add", *arguments)
    assert (outcome.code, outcome.err) == (2, f"budmodel: {sentence}\n")
    assert registry.files() == before


def test_a_backport_is_fine(registry: Registry) -> None:
    assert registry("version", "add", "llama-3", "0.9.0").code == 0


def test_yank_and_undo_keep_every_byte(registry: Registry) -> None:
    before = registry.read("models/llama-3/versions/1.0.0.yaml")
    outcome = registry("version", "yank", "llama-3@1.0.0", "--reason", "backdoor", "--now", NOW)
    assert outcome.code == 0
    assert outcome.err == (
        "budmodel: 1.0.0 is the default version of llama-3; choose another with "
        "budmodel version default llama-3 V (1.1.0)\n"
        "budmodel: the alias production of llama-3 stands for it; change it with "
        "budmodel set llama-3 aliases.production=V\n"
    )
    yanked = registry.read("models/llama-3/versions/1.0.0.yaml")
    assert yanked.startswith(before)
    assert "1.0.0 is yanked: backdoor" in registry("show", "llama-3").out
    assert registry("version", "default", "llama-3", "1.0.0").err == (
        "budmodel: llama-3@1.0.0 is yanked (backdoor); choose another version (1.1.0)\n"
    )
    assert registry("version", "yank", "llama-3", "1.0.0", "--reason", "other").err == (
        "budmodel: llama-3@1.0.0 was yanked on 2026-11-22 already (backdoor); "
        "use --undo first to state another reason\n"
    )
    assert registry("version", "yank", "llama-3", "1.0.0", "--undo").code == 0
    assert registry.read("models/llama-3/versions/1.0.0.yaml") == before


def test_yank_wants_version_and_reason(registry: Registry) -> None:
    assert registry("version", "yank", "llama-3", "--reason", "x").err == (
        "budmodel: say which version of llama-3 to yank; write llama-3@VERSION\n"
    )
    assert registry("version", "yank", "llama-3@1.0.0").err == (
        "budmodel: say why with --reason TEXT, or take a yank back with --undo\n"
    )


def test_commit_takes_just_the_written_files(registry: Registry) -> None:
    registry.commit_all("first")
    registry.write("models/gpt-5/model.yaml", API + "contact: me\n")
    outcome = registry("set", "llama-3", "status=archived", "--commit")
    head = registry.git("rev-parse", "HEAD")
    assert outcome.out == f"wrote catalog/models/llama-3/model.yaml\ncommitted {head[:10]}\n"
    assert registry.git("show", "--name-only", "--format=%s", "HEAD").split("\n\n") == [
        "Set status of llama-3",
        "catalog/models/llama-3/model.yaml",
    ]
    assert registry.git("status", "--short") == "M catalog/models/gpt-5/model.yaml"


def test_branch_commits_on_a_new_one(registry: Registry) -> None:
    registry.commit_all("first")
    outcome = registry("remove", "gpt-5", "--reason", "gone", "--branch", "drop-gpt", "--json")
    assert outcome.json["result"]["branch"] == "drop-gpt"
    assert registry.git("rev-parse", "--abbrev-ref", "HEAD") == "drop-gpt"
    assert registry.git("status", "--short") == ""
    assert registry.git("rev-parse", "HEAD") == outcome.json["result"]["commit"]


def test_commit_without_git_writes_nothing(registry: Registry) -> None:
    before = registry.files()
    outcome = registry("set", "llama-3", "status=archived", "--commit")
    assert outcome.code == 2
    assert outcome.err.startswith("budmodel: --commit needs Git, but ")
    assert registry.files() == before


@pytest.mark.parametrize(("answer", "code", "there"), [(b"n\n", 130, True), (b"y\n", 0, False)])
def test_remove_asks_on_a_terminal(registry: Registry, answer: bytes, code: int, there: bool) -> None:
    terminal, other_end = pty.openpty()
    command = [sys.executable, "-m", "budmodel", "-C", str(registry.root), "remove", "gpt-5", "--reason", "x"]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "tools")}
    child = subprocess.Popen(command, env=env, stdin=other_end, stdout=other_end, stderr=other_end)
    os.close(other_end)
    said = b""
    while b"[y/N]" not in said:
        said += os.read(terminal, 1024)
    os.write(terminal, answer)
    with contextlib.suppress(OSError):
        while os.read(terminal, 1024):
            pass
    assert child.wait(timeout=60) == code
    os.close(terminal)
    assert (registry.root / "catalog/models/gpt-5").exists() is there
    assert b"Remove gpt-5 with its 1 file" in said


def test_the_first_version_asks_for_a_default(registry: Registry) -> None:
    check = "next: budmodel check catalog/models/llama-3-instruct\n"
    outcome = registry("version", "add", "llama-3-instruct", "1.0.0")
    assert f"next: budmodel version default llama-3-instruct 1.0.0\n{check}" in outcome.out + outcome.err
    outcome = registry("version", "add", "llama-3-instruct", "1.1.0", "--set-default")
    assert "version default" not in outcome.out + outcome.err
    outcome = registry("version", "add", "llama-3-instruct", "1.2.0")
    assert "version default" not in outcome.out + outcome.err
