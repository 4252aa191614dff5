"""What a checkout or a commit may hold besides files, which no committed example can show."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from budmodel.findings import Finding
from budmodel.operations.judging import judges_of
from budmodel.rules.engine import Engine, Scope
from budmodel.rules.interface import Context, Stranger
from budmodel.rules.unknown_file import UnknownFile, known_place
from budmodel.store.catalog import Snapshot
from budmodel.store.tree import WorkTree


def findings(root: Path) -> list[Finding]:
    head = Snapshot(WorkTree(root))
    context = Context(head=head, judges=judges_of(head), now=datetime(2026, 6, 1, tzinfo=UTC))
    return list(Engine([UnknownFile()]).judge(context, Scope.everything(context)).findings)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "catalog" / "models" / "tiny"
    folder.mkdir(parents=True)
    (folder / "model.yaml").write_text("name: tiny\n")
    return folder


def test_a_link_is_refused_even_where_a_file_belongs(tmp_path: Path, model: Path) -> None:
    (model / "versions").mkdir()
    (model / "versions" / "1.0.0.yaml").symlink_to(model / "model.yaml")
    (finding,) = findings(tmp_path)
    assert finding.path == "catalog/models/tiny/versions/1.0.0.yaml"
    assert finding.message.endswith("is a symbolic link; the catalog holds plain files only")


def test_a_linked_folder_is_not_followed(tmp_path: Path, model: Path) -> None:
    (model.parent / "other").symlink_to(model, target_is_directory=True)
    assert [finding.path for finding in findings(tmp_path)] == ["catalog/models/other"]


def test_a_pipe_is_refused(tmp_path: Path, model: Path) -> None:
    os.mkfifo(model / "scans.yaml")
    (finding,) = findings(tmp_path)
    assert "is neither a file nor a folder" in finding.message


def test_a_submodule_is_refused(tmp_path: Path, model: Path) -> None:
    head = Snapshot(WorkTree(tmp_path))
    context = Context(head=head, judges=judges_of(head), now=datetime(2026, 6, 1, tzinfo=UTC))
    (finding,) = UnknownFile().visit(Stranger("catalog/models/other", "submodule"), context)
    assert "is a Git submodule" in finding.message


@pytest.mark.parametrize(
    ("name", "shown"), [(b"a\xff", r"a\udcff"), (b"a\nb", r"a\nb"), (b"a\x1b[2J", r"a\x1b[2J")]
)
def test_an_unprintable_name_is_escaped(tmp_path: Path, model: Path, name: bytes, shown: str) -> None:
    try:
        (Path(os.fsdecode(os.fsencode(model) + b"/" + name))).write_text("")
    except OSError:
        pytest.skip("the file system refuses the name")
    (finding,) = findings(tmp_path)
    assert finding.path == f"catalog/models/tiny/{shown}"
    (finding.message + finding.fix).encode("utf-8")


@pytest.mark.parametrize("name", [b"1.0.\xff", b"1.0.0\xe2\x80\xae", b"1.0.0\n", b"1.0.0\xc2\x85"])
def test_a_name_with_what_nobody_sees_is_no_records_name(tmp_path: Path, model: Path, name: bytes) -> None:
    path = Path(os.fsdecode(os.fsencode(model) + b"/versions/" + name + b".yaml"))
    path.parent.mkdir(exist_ok=True)
    try:
        path.write_text("version: 1.0.0")
    except OSError:
        pytest.skip("the file system refuses the name")
    (finding,) = findings(tmp_path)
    assert "characters that nobody can see" in finding.message
    assert finding.fix == "rename or remove it"


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("models/x/versions/1.0.0.yml", "models/x/versions/1.0.0.yaml"),
        ("models/x/scan/1.0.0.yaml", "models/x/scans/1.0.0.yaml"),
        ("model/x/model.yaml", "models/x/model.yaml"),
        ("models/x/Model.yml", "models/x/model.yaml"),
        ("licences/mit.yaml", "licenses/mit.yaml"),
        ("policy.yml", "policy.yaml"),
        ("models/a-name-that-is-rather-long/README.md", None),
        ("licenses/texts/mit.txt", None),
        ("notes", None),
    ],
)
def test_the_nearest_known_place(path: str, meant: str | None) -> None:
    assert known_place(path) == meant
