"""``budmodel export``: where it writes, what it refuses, and what stands on which stream."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from budmodel.cli.export import FORMATS
from cli.small_catalog import Registry


def command(registry: Registry, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "budmodel", "--root", str(registry.root), "export", *arguments]


def test_a_document_goes_to_standard_output(registry: Registry) -> None:
    out = subprocess.run(command(registry, "csv", "gpt-5"), capture_output=True, check=True)
    assert out.stdout.startswith(b"name,version,")
    assert out.stderr == b""


def test_a_document_goes_into_a_file(registry: Registry, tmp_path: Path) -> None:
    target = tmp_path / "all.csv"
    done = registry("export", "csv", "--output", str(target))
    assert (done.code, done.out) == (0, "")
    assert done.err == f"3 models written to {target}\n"
    assert target.read_bytes().count(b"\r\n") > 3


def test_cards_go_into_a_folder(registry: Registry, tmp_path: Path) -> None:
    assert registry("export", "huggingface-card", "--output", f"{tmp_path}/cards/").code == 0
    assert sorted(path.parent.name for path in (tmp_path / "cards").glob("*/README.md")) == [
        "gpt-5",
        "llama-3",
        "llama-3-instruct",
    ]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("csv", "lama-3"), "did you mean llama-3?"),
        (("huggingface-card",), "this format holds one model, and 3 are asked for"),
        (("cyclonedx", "--models"), "--models is for csv; cyclonedx has no rows"),
        (("exel",), "'exel' is not one of"),
        (("csv", "--output", "no/such/folder.csv"), "cannot write no/such/folder.csv: No such file"),
        (("csv", "llama-3@9.9.9"), "llama-3 has no version '9.9.9'"),
    ],
    ids=["name", "several", "option", "format", "folder", "version"],
)
def test_mistakes_are_told_in_a_sentence(
    registry: Registry, arguments: tuple[str, ...], sentence: str
) -> None:
    done = registry("export", *arguments)
    assert done.code == 2
    assert sentence in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("name", FORMATS)
def test_a_reader_that_leaves_early_is_no_error(registry: Registry, name: str) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as gone:
        done = subprocess.run(
            command(registry, name, "llama-3"), stdout=gone, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_database_does_not_go_to_a_terminal(registry: Registry) -> None:
    ours, theirs = pty.openpty()
    try:
        done = subprocess.run(command(registry, "sqlite"), stdout=theirs, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(theirs)
        os.close(ours)
    assert done.returncode == 2
    assert b"sqlite is binary, which a terminal cannot show" in done.stderr


def test_a_database_goes_into_a_pipe(registry: Registry) -> None:
    done = subprocess.run(command(registry, "sqlite"), capture_output=True, check=True)
    assert done.stdout.startswith(b"SQLite format 3\0")


def test_models_that_are_left_out_are_counted(registry: Registry) -> None:
    broken = registry.root / "catalog/models/broken"
    broken.mkdir()
    (broken / "model.yaml").write_text("name: broken\n")
    done = registry("export", "kubeflow")
    assert done.code == 0
    assert "1 model left out because model.yaml is missing or invalid; run budmodel check" in done.err
