"""Writes are whole or not at all, also under kill -9, full disks, links and second writers."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from budmodel.errors import ConflictError, OutsideError, UsageError
from budmodel.store import files
from budmodel.store.files import STALE_SECONDS, Writer, is_temporary, write_atomic

TOOLS = Path(files.__file__).parents[2]
STALE = ".budmodel-0123456789abcdef.tmp"

# Rewrites all files of a folder again and again, each time in one transaction.
LOOP = """
import sys
from pathlib import Path
from budmodel.store.files import Writer
root = Path(sys.argv[1])
names = sorted(path.name for path in root.glob("*.yaml"))
print("ready", flush=True)
for count in range(1_000_000):
    with Writer(root).transaction() as changes:
        for name in names:
            old = (root / name).read_bytes()
            changes.write(name, bytes([65 + count % 26]) * 50_000, old=old)
"""

# Adds one to a number, trying again where another writer was faster.
COUNTER = """
import sys
from pathlib import Path
from budmodel.errors import ConflictError
from budmodel.store.files import Writer
root = Path(sys.argv[1])
for _ in range(40):
    while True:
        old = (root / "catalog/count").read_bytes()
        try:
            Writer(root).write("catalog/count", b"%d" % (int(old) + 1), old=old)
            break
        except ConflictError:
            pass
"""


def start(script: str, root: Path) -> subprocess.Popen[bytes]:
    env = os.environ | {"PYTHONPATH": str(TOOLS)}
    return subprocess.Popen([sys.executable, "-c", script, str(root)], env=env, stdout=subprocess.PIPE)


def temporaries(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if is_temporary(path.name)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "catalog").mkdir()
    (tmp_path / "catalog/a.yaml").write_bytes(b"old")
    return tmp_path


class TestWriter:
    def test_create_change_delete(self, root: Path) -> None:
        writer = Writer(root)
        writer.write("catalog/models/x/model.yaml", b"1", old=None)
        writer.write("catalog/models/x/model.yaml", b"2", old=b"1")
        assert (root / "catalog/models/x/model.yaml").read_bytes() == b"2"
        writer.delete("catalog/models/x/model.yaml", old=b"2")
        assert [path.name for path in root.rglob("*")] == ["catalog", "a.yaml"]

    def test_modes(self, root: Path) -> None:
        before = os.umask(0o027)
        try:
            Writer(root).write("catalog/new.yaml", b"", old=None)
            (root / "catalog/a.yaml").chmod(0o604)
            Writer(root).write("catalog/a.yaml", b"new", old=b"old")
        finally:
            os.umask(before)
        assert (root / "catalog/new.yaml").stat().st_mode & 0o777 == 0o640
        assert (root / "catalog/a.yaml").stat().st_mode & 0o777 == 0o604

    @pytest.mark.parametrize(
        ("path", "old", "said"),
        [
            ("catalog/a.yaml", b"other", "catalog/a.yaml changed while you edited it; run the command again"),
            ("catalog/a.yaml", None, "catalog/a.yaml exists already"),
            ("catalog/gone.yaml", b"old", "catalog/gone.yaml changed while"),
        ],
    )
    def test_conflicts(self, root: Path, path: str, old: bytes | None, said: str) -> None:
        with pytest.raises(ConflictError, match=said):
            Writer(root).write(path, b"new", old=old)
        if old is not None:
            with pytest.raises(ConflictError, match="changed while"):
                Writer(root).delete("catalog/deep/er.yaml", old=old)
        assert (root / "catalog/a.yaml").read_bytes() == b"old"
        assert [path.name for path in root.rglob("*")] == ["catalog", "a.yaml"]

    @pytest.mark.parametrize(
        "path",
        ["", "/etc/x", "../x", "catalog/../../x", "catalog//x", "catalog/x/", "./x", "a\0b", ".git/config"],
    )
    def test_paths_stay_inside(self, root: Path, path: str) -> None:
        with pytest.raises(UsageError):
            Writer(root).write(path, b"", old=None)

    def test_symbolic_links(self, root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
        outside = tmp_path_factory.mktemp("outside")
        (outside / "file").write_bytes(b"old")
        (root / "catalog/link.yaml").symlink_to(outside / "file")
        (root / "catalog/dangling.yaml").symlink_to(outside / "new")
        (root / "catalog/folder").symlink_to(outside)
        writer = Writer(root)
        for path, old in [
            ("link.yaml", b"old"),
            ("dangling.yaml", None),
            ("folder/file", b"old"),
            ("folder/n", None),
        ]:
            with pytest.raises(UsageError, match="symbolic link"):
                writer.write(f"catalog/{path}", b"new", old=old)
            with pytest.raises(UsageError, match="symbolic link"):
                writer.delete(f"catalog/{path}", old=b"old")
        assert [(path.name, path.read_bytes()) for path in outside.iterdir()] == [("file", b"old")]
        assert temporaries(root) == []

    def test_folder_or_pipe_in_the_way(self, root: Path) -> None:
        (root / "catalog/folder.yaml").mkdir()
        os.mkfifo(root / "catalog/pipe.yaml")
        for name in ("folder.yaml", "pipe.yaml"):
            with pytest.raises(UsageError, match="not a regular file"):
                Writer(root).write(f"catalog/{name}", b"new", old=None)
        with pytest.raises(UsageError):
            Writer(root).write("catalog/a.yaml/below", b"new", old=None)

    def test_root_through_a_link(self, root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
        link = tmp_path_factory.mktemp("links") / "root"
        link.symlink_to(root)
        Writer(link).write("catalog/a.yaml", b"new", old=b"old")
        assert (root / "catalog/a.yaml").read_bytes() == b"new"

    def test_no_root(self, tmp_path: Path) -> None:
        with pytest.raises(OutsideError, match="could not be written"):
            Writer(tmp_path / "absent").write("x", b"", old=None)


class TestTransaction:
    def test_one_conflict_stops_all(self, root: Path) -> None:
        with pytest.raises(ConflictError), Writer(root).transaction() as changes:
            changes.write("catalog/b.yaml", b"new", old=None)
            changes.write("catalog/models/x/model.yaml", b"new", old=None)
            changes.write("catalog/a.yaml", b"new", old=b"stale")
        assert [path.name for path in root.rglob("*")] == ["catalog", "a.yaml"]

    def test_an_error_in_the_block_writes_nothing(self, root: Path) -> None:
        with pytest.raises(ZeroDivisionError), Writer(root).transaction() as changes:
            changes.delete("catalog/a.yaml", old=b"old")
            1 / 0  # noqa: B018
        assert (root / "catalog/a.yaml").exists()

    def test_same_path_twice(self, root: Path) -> None:
        with pytest.raises(UsageError, match="twice"), Writer(root).transaction() as changes:
            changes.write("catalog/b.yaml", b"1", old=None)
            changes.delete("catalog/b.yaml", old=b"1")

    def test_move_a_model(self, root: Path) -> None:
        Writer(root).write("catalog/models/x/model.yaml", b"1", old=None)
        with Writer(root).transaction() as changes:
            changes.delete("catalog/models/x/model.yaml", old=b"1")
            changes.write("catalog/removed/x.yaml", b"2", old=None)
        assert sorted(path.name for path in (root / "catalog").iterdir()) == ["a.yaml", "removed"]

    def test_more_files_than_descriptors(self, root: Path) -> None:
        with Writer(root).transaction() as changes:
            for index in range(2000):
                changes.write(f"catalog/many/{index}.yaml", b"x", old=None)
        assert len(list((root / "catalog/many").iterdir())) == 2000


class TestFailures:
    @pytest.mark.parametrize("function", ["fsync", "replace", "fdopen", "fchmod"])
    @pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt()])
    def test_nothing_stays(
        self, root: Path, monkeypatch: pytest.MonkeyPatch, function: str, failure: BaseException
    ) -> None:
        def fail(*_: Any, **__: Any) -> None:
            raise failure

        with monkeypatch.context() as patch:
            patch.setattr(os, function, fail)
            with pytest.raises((OutsideError, KeyboardInterrupt), match=r"No space left|^$"):
                Writer(root).write("catalog/a.yaml", b"new", old=b"old")
            with pytest.raises((OutsideError, KeyboardInterrupt)), Writer(root).transaction() as changes:
                changes.write("catalog/models/x/model.yaml", b"new", old=None)
                changes.write("catalog/a.yaml", b"new", old=b"old")
        assert [path.name for path in root.rglob("*")] == ["catalog", "a.yaml"]
        assert (root / "catalog/a.yaml").read_bytes() == b"old"
        Writer(root).write("catalog/a.yaml", b"new", old=b"old")

    def test_full_disk(self) -> None:
        if not Path("/dev/full").exists():
            pytest.skip("no /dev/full")
        with pytest.raises(UsageError, match="not a regular file"):
            write_atomic(Path("/dev/full"), b"x")

    def test_stale_temporaries(self, root: Path) -> None:
        fresh = STALE.replace("0", "f")
        for name in (STALE, fresh, ".budmodel-mine.tmp"):
            (root / "catalog" / name).write_bytes(b"half")
        then = time.time() - STALE_SECONDS - 60
        os.utime(root / "catalog" / STALE, (then, then))
        os.utime(root / "catalog/.budmodel-mine.tmp", (then, then))
        Writer(root).write("catalog/a.yaml", b"new", old=b"old")
        assert sorted(path.name for path in (root / "catalog").iterdir()) == sorted(
            [fresh, ".budmodel-mine.tmp", "a.yaml"]
        )

    @pytest.mark.parametrize("name", ["model.yaml", ".budmodel-.tmp", STALE + "x", "x" + STALE, STALE + "\n"])
    def test_other_names_are_not_temporary(self, name: str) -> None:
        assert is_temporary(STALE)
        assert not is_temporary(name)


class TestProcesses:
    def test_kill(self, tmp_path: Path) -> None:
        names = ["a.yaml", "b.yaml", "c.yaml"]
        for name in names:
            (tmp_path / name).write_bytes(b"A" * 50_000)
        moments = random.Random(7)
        for _ in range(12):
            with start(LOOP, tmp_path) as child:
                assert child.stdout is not None
                child.stdout.readline()
                time.sleep(moments.random() / 10)
                child.send_signal(signal.SIGKILL)
            for name in names:
                data = (tmp_path / name).read_bytes()
                assert len(data) == 50_000 and len(set(data)) == 1
            assert {path.name for path in tmp_path.iterdir()} - {
                path.name for path in temporaries(tmp_path)
            } == set(names)
        Writer(tmp_path).write("a.yaml", b"free", old=(tmp_path / "a.yaml").read_bytes())

    def test_no_update_is_lost(self, root: Path) -> None:
        (root / "catalog/count").write_bytes(b"0")
        children = [start(COUNTER, root) for _ in range(3)]
        for child in children:
            with child:
                assert child.wait() == 0
        assert (root / "catalog/count").read_bytes() == b"120"
        assert temporaries(root) == []

    def test_threads_exclude_each_other(self, root: Path) -> None:
        (root / "catalog/count").write_bytes(b"0")
        done: list[int] = []

        def add() -> None:
            for _ in range(30):
                old = (root / "catalog/count").read_bytes()
                try:
                    Writer(root).write("catalog/count", b"%d" % (int(old) + 1), old=old)
                except ConflictError:
                    continue
                done.append(1)

        threads = [threading.Thread(target=add) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (root / "catalog/count").read_bytes() == b"%d" % len(done)


class TestWriteAtomic:
    def test_expectations(self, tmp_path: Path) -> None:
        path = tmp_path / "report.json"
        write_atomic(path, b"1", expect="absent")
        write_atomic(path, b"2", expect=b"1")
        write_atomic(path, b"3")
        for expect in (b"1", b""):
            with pytest.raises(ConflictError):
                write_atomic(path, b"4", expect=expect)
        with pytest.raises(ConflictError, match="exists already"):
            write_atomic(path, b"4", expect="absent")
        assert path.read_bytes() == b"3"

    def test_link(self, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to(tmp_path / "file")
        with pytest.raises(UsageError, match="symbolic link"):
            write_atomic(tmp_path / "link", b"x")
        assert not (tmp_path / "file").exists()
