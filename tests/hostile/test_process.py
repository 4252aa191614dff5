"""The worst files in a process of their own: no crash, no hang, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hostile.kit import LICENSE, NOW, Content, fifo, link, model, write

TOOLS = Path(__file__).parents[2] / "tools"
WORST: dict[str, Content] = {
    "100,000 brackets": model("tags: " + "[" * 100_000),
    "100,000 brackets in the slow parser": model("links: {a: s3://b}", "tags: " + "[" * 100_000),
    "alias bomb": model(
        "a: &a [x, x]", *(f"{b}: &{b} [*{a}, *{a}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    ),
    "merge bomb": model("<<: [" + "{a: 1}, " * 50_000 + "]"),
    "pipe": fifo,
    "device": link("/dev/zero"),
}


def budmodel(root: Path, *arguments: str, now: str = NOW) -> subprocess.CompletedProcess[str]:
    """The command in its own process, with a limit of memory far below what a bomb needs."""
    command = f'ulimit -v 4000000; exec {sys.executable} -m budmodel check --now {now} "$@"'
    environment = {**os.environ, "PYTHONPATH": str(TOOLS)}
    return subprocess.run(
        ["sh", "-c", command, "sh", *arguments],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("name", WORST)
def test_the_worst_files(name: str, tmp_path: Path) -> None:
    write(
        tmp_path,
        {"models/s/model.yaml": WORST[name], "licenses/MIT.yaml": LICENSE, "waivers/bad.yaml": "- 1\n"},
    )
    done = budmodel(tmp_path)
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    assert "catalog/models/s/model.yaml" in done.stdout
    assert "catalog/waivers/bad.yaml" in done.stdout


def test_a_catalog_that_is_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "catalog").symlink_to("elsewhere")
    done = budmodel(tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "is a symbolic link; the catalog must be a real folder" in done.stderr


def test_no_catalog(tmp_path: Path) -> None:
    done = budmodel(tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("budmodel: no catalog/ folder in ")


def test_an_empty_catalog_is_clean(tmp_path: Path) -> None:
    (tmp_path / "catalog").mkdir()
    assert budmodel(tmp_path).returncode == 0
