"""The local source with real files: links, pipes, devices, odd names, files that change meanwhile."""

from __future__ import annotations

import errno
import hashlib
import os
import socket
import stat
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from budmodel.errors import BudmodelError, NotFoundError, OutsideError, UsageError
from budmodel.sources import listing_rules, local_walk
from budmodel.sources.local import LocalSource, open_source

COMMIT = "a" * 40


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model with a file below a folder of its own."""
    made = tmp_path / "My Model_v1"
    (made / "onnx").mkdir(parents=True)
    (made / "config.json").write_bytes(b"{}")
    (made / "onnx/model.onnx").write_bytes(b"weights")
    return made


def refused(folder: Path, kind: type[BudmodelError] = UsageError) -> str:
    with pytest.raises(BudmodelError) as refusal:
        open_source(str(folder)).listing()
    message = str(refusal.value)
    assert refusal.type is kind, message
    assert message.isprintable()
    assert message.endswith(".")
    return message


def test_lists_files_without_reading_them_and_records_no_path(folder: Path) -> None:
    source = open_source(str(folder))
    listing = source.listing()
    assert listing.files is not None
    assert [(file.path, file.size, file.sha256, file.etag) for file in listing.files] == [
        ("config.json", 2, None, None),
        ("onnx/model.onnx", 7, None, None),
    ]
    assert listing.paths == ("config.json", "onnx/model.onnx")
    assert listing.kind == "local"
    assert listing.source == {"type": "local"}
    assert (listing.storage_path, listing.released, listing.notes) == (None, None, ())
    assert listing.suggested_name == "my-model_v1"
    assert str(folder.parent) not in repr(listing)
    source.close()
    source.close()


def test_names_a_model_by_the_folder_above_its_version(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    version = folder / "1.2.0"
    version.mkdir()
    (version / "w").touch()
    assert open_source(str(version)).listing().suggested_name == "my-model_v1"
    monkeypatch.chdir(folder)
    assert open_source(".").listing().suggested_name == "my-model_v1"


def test_the_named_folder_itself_may_be_a_link(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)
    assert open_source(str(tmp_path / "link")).listing().paths == ("config.json", "onnx/model.onnx")


def test_reads_and_hashes(folder: Path) -> None:
    body = os.urandom(3 << 20)
    (folder / "w").write_bytes(body)
    (folder / "empty").touch()
    source = open_source(str(folder))
    seen: list[tuple[str, int, int]] = []
    assert source.sha256("w", lambda *step: seen.append(step)) == hashlib.sha256(body).hexdigest()
    assert seen == [("w", done << 20, 3 << 20) for done in (1, 2, 3)]
    assert source.sha256("empty") == hashlib.sha256().hexdigest()
    assert source.read("onnx/model.onnx") == b"weights"
    assert source.read("w", start=5, length=9) == body[5:14]
    assert source.read("w", start=len(body) - 3, length=9) == body[-3:]
    assert source.read("w", start=len(body) + 3, length=9) == b""
    assert source.read("empty") == b""
    with pytest.raises(OutsideError, match="is not in the folder's listing"):
        source.read("../w")


def test_what_is_too_large_is_not_read_at_once(folder: Path) -> None:
    with (folder / "sparse").open("wb") as file:
        file.truncate(1 << 30)
    source = open_source(str(folder))
    for length in (None, 1 << 30):
        with pytest.raises(
            OutsideError, match=r"'sparse' is too large to be read at once \(1,073,741,824 bytes\)"
        ):
            source.read("sparse", length=length)


def test_leaves_out_what_tools_keep_for_themselves_and_says_so(folder: Path) -> None:
    for name in (
        ".git/config",
        ".cache/huggingface/.gitignore",
        ".cache/other",
        "onnx/.DS_Store",
        ".gitattributes",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    (folder / ".git/link").symlink_to("config")
    listing = open_source(str(folder)).listing()
    assert listing.paths == (".cache/other", ".gitattributes", "config.json", "onnx/model.onnx")
    assert listing.notes == ("Left out: .DS_Store, .cache/huggingface, .git.",)


def link(folder: Path) -> None:
    (folder / "x").symlink_to("/etc/passwd")


def link_inside(folder: Path) -> None:
    (folder / "x").symlink_to("config.json")


def link_to_folder(folder: Path) -> None:
    (folder / "x").symlink_to("onnx")


def dangling_link(folder: Path) -> None:
    (folder / "onnx/x").symlink_to("nothing")


def pipe(folder: Path) -> None:
    os.mkfifo(folder / "x")


def device(folder: Path) -> None:
    try:
        os.mknod(folder / "x", stat.S_IFCHR | 0o600, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("only root may make a device")


def unix_socket(folder: Path) -> None:
    # A relative name, since a socket's path may have only 108 bytes.
    before = Path.cwd()
    os.chdir(folder)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind("x")
    finally:
        os.chdir(before)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (link, "'x', which is a symbolic link"),
        (link_inside, "'x', which is a symbolic link"),
        (link_to_folder, "'x', which is a symbolic link"),
        (dangling_link, "'onnx/x', which is a symbolic link"),
        (pipe, "'x', which is a named pipe; remove it"),
        (unix_socket, "'x', which is a socket; remove it"),
        (device, "'x', which is a device; remove it"),
    ],
)
def test_what_is_no_file_is_refused_before_it_is_opened(
    folder: Path, make: Callable[[Path], None], words: str
) -> None:
    make(folder)
    assert words in refused(folder)


@pytest.mark.parametrize("depth", ["snapshot", "repository"])
def test_the_cache_of_the_hub_is_recognised(tmp_path: Path, depth: str) -> None:
    root = tmp_path / "models--org--name"
    snapshot = root / "snapshots" / COMMIT
    (root / "blobs").mkdir(parents=True)
    snapshot.mkdir(parents=True)
    (root / "blobs" / ("b" * 64)).write_bytes(b"weights")
    (snapshot / "model.safetensors").symlink_to(f"../../blobs/{'b' * 64}")
    message = refused(snapshot if depth == "snapshot" else root)
    assert "is a part of the Hugging Face cache" in message
    assert "`hf download ORG/NAME --local-dir DIR`" in message


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([b"new\nline"], r"'new\nline' whose name has characters that cannot be read"),
        ([b"bad\xff"], r"'bad\udcff' whose name has characters that cannot be read"),
        ([b"\x1b[31m"], r"'\x1b[31m'"),
        (["a\u202eb".encode()], r"'a\u202eb'"),
        ([b"a\\b"], "backslash"),
        ([b"A", b"a"], "'A' and 'a', which are one name"),
        ([unicodedata.normalize(form, "é").encode() for form in ("NFC", "NFD")], "which are one name"),
    ],
)
def test_names_that_no_listing_may_have(folder: Path, names: list[bytes], words: str) -> None:
    for name in names:
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).touch()
    if len({os.stat(entry).st_ino for entry in folder.iterdir()}) < 2 + len(names):
        pytest.skip("this file system takes the names for one")
    assert words in refused(folder)


def test_folders_whose_names_are_one(folder: Path) -> None:
    (folder / "ONNX").mkdir()
    (folder / "ONNX/other").touch()
    assert "'ONNX' and 'onnx', which are one name" in refused(folder)


def test_names_that_are_fine(folder: Path) -> None:
    names = ["a: b", "x" * 255, "模型.bin", "sp ace", "#?%2e", "-rf", "..."]
    for name in names:
        (folder / name).touch()
    assert set(open_source(str(folder)).listing().paths) == {*names, "config.json", "onnx/model.onnx"}


def test_limits(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing_rules, "MAX_FILES", 1)
    assert "holds more than 1 files" in refused(folder)
    monkeypatch.setattr(local_walk, "MAX_DEPTH", 0)
    (folder / "config.json").unlink()
    assert "over 0 folders inside each other" in refused(folder)


def test_folders_that_are_none(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="There is no folder 'nowhere'; check the path"):
        open_source("nowhere")
    with pytest.raises(UsageError, match=r"config\.json' is not a folder; give the folder that holds"):
        open_source(str(folder / "config.json"))
    with pytest.raises(UsageError, match="is not a path of a folder"):
        open_source("nul\0byte")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(BudmodelError):
        open_source(str(tmp_path / "loop"))
    (tmp_path / "empty/inner").mkdir(parents=True)
    assert "There are no files in" in refused(tmp_path / "empty")


def rewrite(path: Path) -> None:
    """The same size, and the time of the content set back."""
    times = path.stat()
    with path.open("r+b") as file:
        file.write(b"\1" * 100)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def shrink(path: Path) -> None:
    os.truncate(path, 100)


def replace(path: Path) -> None:
    new = path.with_name("new")
    new.write_bytes(bytes(path.stat().st_size))
    new.rename(path)


def replace_by_link(path: Path) -> None:
    path.rename(path.with_name("moved"))
    path.symlink_to("moved")


def replace_by_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def delete(path: Path) -> None:
    path.unlink()


CHANGES = [rewrite, grow, shrink, replace, replace_by_link, replace_by_pipe, delete]


@pytest.fixture
def big(folder: Path) -> LocalSource:
    (folder / "onnx/w").write_bytes(bytes(4 << 20))
    source = open_source(str(folder))
    source.listing()
    return source


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changes_while_it_is_hashed(
    big: LocalSource, folder: Path, change: Callable[[Path], None]
) -> None:
    def disturb(path: str, done: int, size: int) -> None:
        if done == 1 << 20:
            change(folder / path)

    with pytest.raises(OutsideError, match="'onnx/w' was changed while it was read; run the command again"):
        big.sha256("onnx/w", disturb)


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changed_after_it_was_listed(
    big: LocalSource, folder: Path, change: Callable[[Path], None]
) -> None:
    change(folder / "onnx/w")
    for read in (lambda: big.sha256("onnx/w"), lambda: big.read("onnx/w", length=8)):
        with pytest.raises(OutsideError, match="'onnx/w' was changed while it was read"):
            read()


def test_a_folder_that_became_a_link_is_not_followed(big: LocalSource, folder: Path) -> None:
    (folder / "onnx").rename(folder.parent / "elsewhere")
    (folder / "onnx").symlink_to(folder.parent / "elsewhere")
    with pytest.raises(OutsideError, match="'onnx/w' was changed"):
        big.sha256("onnx/w")


@pytest.mark.parametrize("function", ["listdir", "stat", "open"])
def test_what_may_not_be_read(folder: Path, monkeypatch: pytest.MonkeyPatch, function: str) -> None:
    source = open_source(str(folder))

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "not this text")

    # Root, as whom tests may run, may read everything.
    monkeypatch.setattr(local_walk.os, function, denied)
    with pytest.raises(OutsideError, match=r"' cannot be read \(Permission denied\); check its permissions"):
        source.listing()


def test_no_descriptor_is_left_open(big: LocalSource, folder: Path) -> None:
    before = set(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else set()
    big.sha256("onnx/w")
    big.read("config.json")
    for name in ("nothing", "onnx/nothing"):
        with pytest.raises(OutsideError):
            big.read(name)
    (folder / "x").symlink_to("y")
    refused(folder)
    after = set(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else set()
    assert len(after) <= len(before) + 1
