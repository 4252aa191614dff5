"""``budmodel init``."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from budmodel.cli.main import run


def test_a_new_registry_is_empty_and_clean(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "a registry"
    assert run(["init", str(root)]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0] == "wrote catalog/catalog.yaml"
    assert "next: git init" in out
    assert run(["--root", str(root), "check"]) == 0
    assert run(["--root", str(root), "list"]) == 0


def test_what_is_there_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "README.md").write_text("mine")
    assert run(["-C", str(tmp_path), "init"]) == 0
    assert "git init" not in capsys.readouterr().out
    assert (tmp_path / "README.md").read_text() == "mine"
    before = (tmp_path / "catalog" / "catalog.yaml").read_bytes()
    assert run(["-C", str(tmp_path), "init"]) == 2
    assert capsys.readouterr().err == (
        f"budmodel: {tmp_path / 'catalog'} exists already; go there, or name another folder\n"
    )
    assert (tmp_path / "catalog" / "catalog.yaml").read_bytes() == before
