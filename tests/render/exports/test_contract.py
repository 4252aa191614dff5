"""What every export promises, whatever its format."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest

from budmodel.cli.export import FORMATS
from budmodel.errors import DataError, NotFoundError, UsageError
from budmodel.render.exports.publish import catalog_tables, tables_part
from budmodel.render.exports.registry import EXPORTERS, load
from budmodel.render.exports.writing import export_document, export_file, export_folder, select
from budmodel.store.catalog import Snapshot
from budmodel.store.tree import WorkTree
from render.exports.export_catalog import catalog_of, exported

FOR_MANY = [name for name in EXPORTERS if load(name).many]
FOR_ONE = [name for name in EXPORTERS if load(name).file is not None]


def test_the_command_offers_what_there_is() -> None:
    assert list(FORMATS) == list(EXPORTERS)


@pytest.mark.parametrize("name", EXPORTERS)
def test_the_same_catalog_elsewhere_gives_the_same_bytes(
    root: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "a folder with another name"
    shutil.copytree(root / "catalog", elsewhere / "catalog")
    some = () if load(name).many else ("passed",)
    first = exported(root, name, *some)
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    assert exported(elsewhere, name, *some) == first
    assert first


@pytest.mark.parametrize("name", FOR_MANY)
def test_an_empty_catalog_is_a_document_without_models(nothing: Path, name: str) -> None:
    assert exported(nothing, name)


@pytest.mark.parametrize("name", EXPORTERS)
def test_only_what_is_named_is_exported(root: Path, name: str) -> None:
    one = exported(root, name, "odd-words")
    assert b"odd-words" in one
    assert b"with-exception" not in one


@pytest.mark.parametrize("name", FOR_MANY)
def test_all_models_with_a_record_are_in_the_whole(root: Path, name: str) -> None:
    whole = exported(root, name)
    valid = [one.parent.name for one in (root / "catalog/models").glob("*/model.yaml")]
    assert {one for one in valid if one.encode() not in whole} == {"broken"}


@pytest.mark.parametrize("name", EXPORTERS)
def test_no_host_path_and_no_bytes_that_are_not_utf8(root: Path, name: str) -> None:
    some = () if load(name).many else ("hostile",)
    document = exported(root, name, *some)
    assert str(root).encode() not in document
    if not load(name).binary:
        document.decode("utf-8")


def test_a_mistyped_name_is_told_the_nearest(root: Path) -> None:
    with pytest.raises(NotFoundError, match="did you mean passed"):
        select(Snapshot(WorkTree(root)), ["pased"])


def test_a_model_without_a_valid_record_is_refused_by_name(root: Path) -> None:
    with pytest.raises(DataError, match=r"models/broken/model\.yaml:1:1"):
        select(Snapshot(WorkTree(root)), ["passed", "broken"])


def test_a_model_named_for_two_versions_is_refused(root: Path) -> None:
    snapshot = Snapshot(WorkTree(root))
    with pytest.raises(UsageError, match="odd-words is named twice"):
        select(snapshot, ["odd-words@1.0.0", "odd-words@2.0.0"])
    assert select(snapshot, ["passed", "passed", "yanked"]) == {"passed": None, "yanked": None}


def test_what_was_left_out_is_known_afterwards(root: Path) -> None:
    catalog = catalog_of(root)
    export_document(load("csv"), catalog, io.BytesIO())
    assert catalog.left_out == ["broken"]


@pytest.mark.parametrize("name", FOR_ONE)
def test_a_folder_gets_a_document_for_each_model(root: Path, tmp_path: Path, name: str) -> None:
    exporter = load(name)
    written = export_folder(exporter, catalog_of(root), tmp_path / "new")
    made = sorted(path for path in (tmp_path / "new").rglob("*") if path.is_file())
    assert len(made) == written.models == written.documents > 10
    assert exporter.file is not None
    alone = (tmp_path / "new" / exporter.file.format(name="passed")).read_bytes()
    assert alone == exported(root, name, "passed")


@pytest.mark.parametrize("name", [name for name in EXPORTERS if name not in FOR_ONE])
def test_a_format_of_one_document_refuses_a_folder(root: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="this format is one document"):
        export_folder(load(name), catalog_of(root), tmp_path)


def test_a_format_for_one_model_refuses_several(root: Path, nothing: Path) -> None:
    with pytest.raises(UsageError, match="holds one model, and 2 are asked for"):
        exported(root, "huggingface-card", "passed", "yanked")
    with pytest.raises(UsageError, match="holds one model, and 0 are asked for"):
        exported(nothing, "huggingface-card")


def test_a_link_in_the_folder_leads_nowhere_else(root: Path, tmp_path: Path) -> None:
    inside, outside = tmp_path / "cards", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (inside / "passed").symlink_to(outside)
    with pytest.raises(UsageError, match="is a link out of"):
        export_folder(load("huggingface-card"), catalog_of(root, ["passed"]), inside)
    assert not list(outside.iterdir())


@pytest.mark.parametrize("name", EXPORTERS)
def test_a_failure_leaves_the_file_as_it_was(
    root: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("in the middle")

    target = tmp_path / "export"
    target.write_text("before")
    catalog = catalog_of(root, ["passed"])
    monkeypatch.setattr(type(catalog), "commercial", fail)
    with pytest.raises(RuntimeError, match="in the middle"):
        export_file(load(name), catalog, target)
    assert target.read_text() == "before"
    assert list(tmp_path.iterdir()) == [target]


def test_a_site_carries_what_the_command_writes(root: Path) -> None:
    catalog = catalog_of(root)
    tables = catalog_tables(catalog, (tables_part(catalog, item) for item in catalog.items()))
    assert tables == {"catalog.sqlite": exported(root, "sqlite"), "models.csv": exported(root, "csv")}
