"""The database: sound, with all that the catalog records, and views that answer the usual questions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from budmodel.render.exports.registry import load
from budmodel.render.exports.sqlite_schema import APPLICATION_ID, USER_VERSION
from budmodel.render.exports.writing import export_file
from render.exports.export_catalog import COMMIT, FORMULA, WORDS, catalog_of
from render.site_catalog import HOSTILE, MANIFEST


@pytest.fixture(scope="module")
def path(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("database") / "catalog.sqlite"
    export_file(load("sqlite"), catalog_of(root), target)
    return target


@pytest.fixture
def database(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as found:
        yield found


def ask(database: sqlite3.Connection, query: str, *values: Any) -> list[tuple[Any, ...]]:
    return database.execute(query, values).fetchall()


def test_it_is_sound(database: sqlite3.Connection) -> None:
    assert ask(database, "PRAGMA integrity_check") == [("ok",)]
    assert ask(database, "PRAGMA foreign_key_check") == []
    assert ask(database, "PRAGMA application_id") == [(APPLICATION_ID,)]
    assert ask(database, "PRAGMA user_version") == [(USER_VERSION,)]
    assert ask(database, "SELECT value FROM registry WHERE key = 'commit'") == [(COMMIT,)]


def test_an_empty_catalog_and_a_part_are_sound(root: Path, nothing: Path, tmp_path: Path) -> None:
    for number, catalog in enumerate((catalog_of(nothing), catalog_of(root, ["failed", "waived@1.0.0"]))):
        target = tmp_path / f"{number}.sqlite"
        export_file(load("sqlite"), catalog, target)
        with closing(sqlite3.connect(target)) as found:
            assert ask(found, "PRAGMA integrity_check") == [("ok",)]
            assert ask(found, "PRAGMA foreign_key_check") == []
            assert ask(found, "SELECT count(*) FROM models") == [(2 * number,)]
            assert {path for (path,) in ask(found, "SELECT path FROM waivers")} == (
                {"catalog/waivers/eicar.yaml", "catalog/waivers/w.yaml"} if number else set()
            )


def test_every_table_holds_something(database: sqlite3.Connection) -> None:
    tables = [name for (name,) in ask(database, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    empty = [name for name in tables if not ask(database, f"SELECT 1 FROM {name} LIMIT 1")]
    # The catalog of the tests states none of these.
    assert sorted(empty) == ["aliases", "engines", "license_aliases", "license_texts"]


def test_numbers_are_numbers_and_text_is_text(database: sqlite3.Connection) -> None:
    (row,) = ask(
        database, "SELECT typeof(parameter_count), parameter_count FROM models WHERE name = 'passed'"
    )
    assert row == ("integer", 8_030_000_000)
    assert ask(database, "SELECT value, typeof(value) FROM results WHERE model = 'passed'") == [(0.7, "real")]
    words = ask(database, "SELECT value FROM model_values WHERE model = 'odd-words' AND kind = 'tag'")
    assert {word for (word,) in words} == set(WORDS)
    owners = ask(database, "SELECT value FROM model_values WHERE model = 'odd-words' AND kind = 'owner'")
    assert owners == [(FORMULA,)]
    assert ask(database, "SELECT reason FROM removed") == [(HOSTILE,)]


def test_files_are_found_by_their_digest(database: sqlite3.Connection) -> None:
    found = ask(database, "SELECT model FROM files WHERE sha256 = ? ORDER BY model", "a" * 64)
    assert ("passed",) in found
    plan = ask(database, "EXPLAIN QUERY PLAN SELECT model FROM files WHERE sha256 = 'x'")
    assert "files_by_sha256" in plan[0][3]


def test_a_scan_has_its_engines_files_and_findings(database: sqlite3.Connection) -> None:
    assert ask(
        database, "SELECT status, state, manifest_sha256, signature FROM scans WHERE model = 'failed'"
    ) == [("FAILED", "failed", MANIFEST, "unsigned")]
    assert ask(database, "SELECT name, database_version FROM scan_engines") == [("clamav", "27")]
    assert ask(database, "SELECT path, verdict FROM scan_files") == [("model.safetensors", "found")]
    assert ask(database, "SELECT severity FROM scan_findings") == [("critical",)]


def test_lineage_goes_both_ways(database: sqlite3.Connection) -> None:
    assert ask(database, "SELECT model, relation FROM lineage WHERE parent = 'passed'") == [
        ("failed", "finetune")
    ]
    external = "SELECT model FROM lineage WHERE external AND parent = 'hf:org/base'"
    assert ask(database, external) == [("other-bytes",)]


def test_an_acknowledgment_is_there(database: sqlite3.Connection) -> None:
    assert ask(database, 'SELECT model, "by", license FROM acknowledgments') == [
        ("passed", "ann", "Apache-2.0")
    ]


def test_the_overview_tells_the_state_and_never_calls_a_waived_version_passed(
    database: sqlite3.Connection,
) -> None:
    found = {
        name: (scan, until)
        for name, scan, until in ask(database, "SELECT name, scan, waived_until FROM overview")
    }
    assert found["passed"] == ("passed", None)
    assert found["remote"] == ("no-artifacts", None)
    assert found["waived"][0] == "not-scanned"
    assert found["no-version"] == ("not-scanned", None)
    unscanned = {name for (name,) in ask(database, "SELECT name FROM unscanned")}
    assert unscanned == {name for name, (scan, _) in found.items() if scan not in ("passed", "no-artifacts")}


def test_only_waivers_in_force_for_these_bytes_count(root: Path, tmp_path: Path) -> None:
    """The reader's clock decides, so the view is asked with one that stands still."""
    target = tmp_path / "one.sqlite"
    export_file(load("sqlite"), catalog_of(root), target)
    with closing(sqlite3.connect(target)) as found:
        for moment, expected in (("2027-05-21T23:59:59Z", ["waived"]), ("2027-05-22T00:00:00Z", [])):
            found.create_function("strftime", 2, lambda *_, moment=moment: moment)
            query = "SELECT model FROM current_waivers WHERE path LIKE '%/w.yaml'"
            assert [name for (name,) in ask(found, query)] == expected
        found.create_function("strftime", 2, lambda *_: "2026-11-22T00:00:00Z")
        found.execute("UPDATE versions SET manifest_sha256 = 'other' WHERE model = 'waived'")
        assert ask(found, "SELECT 1 FROM current_waivers WHERE model = 'waived'") == []
