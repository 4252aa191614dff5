"""The Git module against real repositories."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from budmodel.errors import OutsideError, UsageError
from budmodel.store.git import Repository

ODD_NAMES = [
    "catalog/with space.yaml",
    "catalog/new\nline.yaml",
    "catalog/ünï/日本.yaml",
    "catalog/-dash.yaml",
]
MISSING_BLOB = "1" * 40
CHILDREN = Path(f"/proc/self/task/{os.getpid()}/children")


@pytest.fixture(autouse=True)
def _own_git_configuration(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    (home / ".gitconfig").write_text("[user]\nname = Ada\nemail = ada@example.org\n")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("EMAIL", raising=False)


def git(folder: Path, *args: str, when: str = "2024-01-01T12:00:00Z") -> str:
    env = os.environ | {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
    done = subprocess.run(["git", *args], cwd=folder, env=env, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def put(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def save(folder: Path, message: str, when: str = "2024-01-01T12:00:00Z") -> str:
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "--message", message, when=when)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A repository with two commits: a, then b added and a changed."""
    folder = tmp_path / "work"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    put(folder, {"catalog/a.yaml": "a: 1\n", "README.md": "hello\n"})
    save(folder, "First", "2024-01-01T12:00:00Z")
    put(folder, {"catalog/a.yaml": "a: 2\n", "catalog/b.yaml": "b: 1\n"})
    save(folder, "Second", "2024-02-01T12:00:00Z")
    return folder


def found(folder: Path) -> Repository:
    repository = Repository.find(folder)
    assert repository is not None
    return repository


class TestFind:
    def test_top_subfolder_and_worktree(self, work: Path, tmp_path: Path) -> None:
        assert (found(work).root, found(work).prefix, found(work).shallow) == (work, "", False)
        inner = found(work / "catalog")
        assert (inner.top, inner.prefix) == (work.resolve(), "catalog/")
        git(work, "worktree", "add", "--quiet", str(tmp_path / "tree"), "HEAD~1")
        with found(tmp_path / "tree") as tree:
            assert tree.head() == git(work, "rev-parse", "HEAD~1")
            assert [item.path for item in tree.list_tree(tree.resolve("HEAD"))] == ["catalog/a.yaml"]

    def test_nothing_to_find(self, work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        git(tmp_path, "clone", "--quiet", "--bare", str(work), "bare")
        assert Repository.find(tmp_path) is None
        assert Repository.find(tmp_path / "bare") is None
        assert Repository.find(work / ".git") is None
        assert Repository.find(tmp_path / "absent") is None
        monkeypatch.setenv("PATH", str(tmp_path))
        assert Repository.find(work) is None

    def test_symlinked_root(self, work: Path, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to(work / "catalog")
        repository = found(tmp_path / "link")
        assert (repository.root, repository.prefix) == (tmp_path / "link", "catalog/")

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
    def test_another_owner(self, work: Path) -> None:
        for path in [work, work / ".git"]:
            os.chown(path, 12345, 12345)
        with pytest.raises(OutsideError, match=r"--add safe\.directory"):
            Repository.find(work)

    def test_a_bare_repository_only_where_it_is_named_itself(self, work: Path, tmp_path: Path) -> None:
        git(work, "clone", "--quiet", "--bare", ".", str(tmp_path / "bare"))
        repository = Repository.bare(tmp_path / "bare")
        assert repository is not None
        with repository:
            assert repository.head() == git(work, "rev-parse", "HEAD")
            items = repository.list_tree(repository.resolve("main"))
            assert [item.path for item in items] == ["catalog/a.yaml", "catalog/b.yaml"]
            assert list(repository.read_blobs([items[0].oid])) == [b"a: 2\n"]
        assert Repository.bare(work) is None
        assert Repository.bare(work / ".git") is None
        assert Repository.bare(tmp_path / "bare" / "refs") is None
        (tmp_path / "fake" / "objects").mkdir(parents=True)
        (tmp_path / "fake" / "HEAD").write_text("x")
        assert Repository.bare(tmp_path / "fake") is None

    def test_a_bare_repository_of_another_user(self, work: Path, tmp_path: Path) -> None:
        if os.geteuid() != 0:
            pytest.skip("only root can give files away")
        git(work, "clone", "--quiet", "--bare", ".", str(tmp_path / "bare"))
        os.chown(tmp_path / "bare", 12345, 12345)
        with pytest.raises(OutsideError, match=r"--add safe\.directory"):
            Repository.bare(tmp_path / "bare")

    def test_inherited_environment_is_ignored(
        self, work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
        monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
        monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path))
        assert found(work).head() is not None
        assert os.environ["GIT_DIR"] == str(tmp_path / "nowhere")

    def test_broken_repository(self, tmp_path: Path) -> None:
        (tmp_path / ".git").write_text("gitdir: /nowhere\n")
        with pytest.raises(OutsideError):
            Repository.find(tmp_path)


class TestResolve:
    def test_names(self, work: Path) -> None:
        git(work, "tag", "-a", "v1", "-m", "one", "HEAD~1")
        repository = found(work)
        first, second = git(work, "rev-parse", "HEAD~1"), git(work, "rev-parse", "HEAD")
        assert [repository.resolve(rev) for rev in ("main", "v1", "HEAD~1", first[:10])] == [
            second,
            first,
            first,
            first,
        ]

    @pytest.mark.parametrize(
        "rev",
        ["", "--output=x", "-x", "a b", "a\nb", "a\0b", "HEAD:README.md", ":/First", "^HEAD", "nope", "a..b"],
    )
    def test_refused(self, work: Path, rev: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(work)
        with pytest.raises(UsageError):
            found(work).resolve(rev)
        assert sorted(path.name for path in work.iterdir()) == [".git", "README.md", "catalog"]

    def test_hints(self, work: Path, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="git fetch origin main"):
            found(work).resolve("origin/main")
        git(tmp_path, "clone", "--quiet", "--depth=1", work.as_uri(), "shallow")
        with pytest.raises(UsageError, match="git fetch --unshallow"):
            found(tmp_path / "shallow").resolve("HEAD~1")

    def test_at(self, work: Path) -> None:
        repository = found(work)
        first, second = git(work, "rev-parse", "HEAD~1"), git(work, "rev-parse", "HEAD")
        assert repository.resolve_at("2024-01-01") == first
        assert repository.resolve_at("2024-01-31T23:00:00Z") == first
        assert repository.resolve_at("2024-02-01T12:00:00Z") == second
        assert repository.resolve_at("2024-02-01T13:00:00+02:00") == first
        assert repository.resolve_at("9999-12-31") == second
        assert repository.resolve_at("HEAD~1") == first
        with pytest.raises(UsageError, match="begins on 2024-01-01T12:00:00Z"):
            repository.resolve_at("2023-12-31")
        with pytest.raises(UsageError, match="no moment"):
            repository.resolve_at("2024-02-30")

    def test_at_in_a_shallow_clone(self, work: Path, tmp_path: Path) -> None:
        git(tmp_path, "clone", "--quiet", "--depth=1", work.as_uri(), "shallow")
        with pytest.raises(OutsideError, match="--unshallow"):
            found(tmp_path / "shallow").resolve_at("2024-01-01")

    def test_merge_base(self, work: Path, tmp_path: Path) -> None:
        git(work, "checkout", "--quiet", "-b", "side", "HEAD~1")
        put(work, {"catalog/c.yaml": "c: 1\n"})
        save(work, "Side")
        assert found(work).merge_base("main", "side") == git(work, "rev-parse", "main~1")
        git(work, "checkout", "--quiet", "--orphan", "island")
        save(work, "Island")
        with pytest.raises(OutsideError, match="no common ancestor"):
            found(work).merge_base("main", "island")

    def test_empty_repository(self, tmp_path: Path) -> None:
        git(tmp_path, "init", "--quiet")
        repository = found(tmp_path)
        assert repository.head() is None
        assert repository.history("catalog") == []
        with pytest.raises(UsageError):
            repository.resolve_at("2024-01-01")
        put(tmp_path, {"catalog/a.yaml": "a: 1\n", "other": "x"})
        git(tmp_path, "add", "other")
        commit = repository.commit(["catalog/a.yaml"], "First")
        assert git(tmp_path, "ls-tree", "-r", "--name-only", commit) == "catalog/a.yaml"


class TestRead:
    def test_odd_names(self, work: Path) -> None:
        put(work, {name: f"name: {index}\n" for index, name in enumerate(ODD_NAMES)})
        raw = os.fsdecode(b"catalog/\xff.yaml")
        put(work, {raw: "raw: 1\n"})
        (work / "catalog/link").symlink_to("a.yaml")
        repository = found(work)
        items = {item.path: item for item in repository.list_tree(save(work, "Odd"))}
        assert set(items) == {*ODD_NAMES, raw, "catalog/a.yaml", "catalog/b.yaml", "catalog/link"}
        assert items["catalog/link"].mode == "120000"
        blobs = list(repository.read_blobs([items[name].oid for name in ODD_NAMES]))
        assert blobs == [f"name: {index}\n".encode() for index in range(len(ODD_NAMES))]
        assert set(repository.changed(repository.resolve("HEAD~1"), None)) == {
            *ODD_NAMES,
            raw,
            "catalog/link",
        }
        assert [change.paths for change in repository.history(ODD_NAMES[1])] == [(ODD_NAMES[1],)]

    def test_many_blobs_and_an_early_end(self, work: Path) -> None:
        repository = found(work)
        oid = repository.list_tree(repository.resolve("HEAD"))[0].oid
        assert sum(1 for _ in repository.read_blobs([oid] * 40_000)) == 40_000
        blobs = repository.read_blobs([oid] * 40_000)
        assert next(blobs) == b"a: 2\n"
        repository.close()
        blobs.close()  # type: ignore[attr-defined]

    def test_missing_blob(self, work: Path) -> None:
        with pytest.raises(OutsideError, match="does not hold all objects"):
            list(found(work).read_blobs([MISSING_BLOB]))
        with pytest.raises(UsageError):
            found(work).read_blobs(["HEAD:README.md"])

    def test_partial_clone_does_not_fetch(self, work: Path, tmp_path: Path) -> None:
        git(work, "config", "uploadpack.allowFilter", "true")
        git(tmp_path, "clone", "--quiet", "--no-checkout", "--filter=blob:none", work.as_uri(), "partial")
        oid = git(work, "rev-parse", "HEAD:catalog/a.yaml")
        with pytest.raises(OutsideError, match="does not hold all objects"):
            list(found(tmp_path / "partial").read_blobs([oid]))

    def test_subfolder_root(self, tmp_path: Path) -> None:
        git(tmp_path, "init", "--quiet")
        put(tmp_path, {"sub/dir/catalog/a.yaml": "a: 1\n", "catalog/z.yaml": "z: 1\n"})
        first = save(tmp_path, "First")
        repository = found(tmp_path / "sub/dir")
        assert [item.path for item in repository.list_tree(first)] == ["catalog/a.yaml"]
        put(tmp_path, {"sub/dir/catalog/b.yaml": "b: 1\n", "catalog/y.yaml": "y: 1\n"})
        assert repository.changed(first, None) == {"catalog/b.yaml": "A"}
        second = repository.commit(["catalog/b.yaml"], "Second")
        assert repository.changed(first, second) == {"catalog/b.yaml": "A"}
        assert git(tmp_path, "status", "--porcelain") == "?? catalog/y.yaml"
        change = repository.last_change("catalog/b.yaml")
        assert change is not None
        assert (change.commit, change.subject, change.paths) == (second, "Second", ("catalog/b.yaml",))

    def test_changed(self, work: Path) -> None:
        repository = found(work)
        first, second = repository.resolve("HEAD~1"), repository.resolve("HEAD")
        assert repository.changed(first, second) == {"catalog/a.yaml": "M", "catalog/b.yaml": "A"}
        assert repository.changed(second, first) == {"catalog/a.yaml": "M", "catalog/b.yaml": "D"}
        assert repository.changed(second, None) == {}

    def test_changed_on_disk(self, work: Path) -> None:
        repository = found(work)
        put(work, {".gitignore": "*.tmp.yaml\n", "catalog/ignored.tmp.yaml": "x: 1\n", "out.yaml": "x: 1\n"})
        put(work, {"catalog/a.yaml": "a: 3\n", "catalog/.budmodel-0123456789abcdef.tmp": "half"})
        git(work, "update-index", "--assume-unchanged", "catalog/a.yaml")
        (work / "catalog/b.yaml").unlink()
        (work / "catalog/b.yaml").symlink_to("a.yaml")
        assert repository.changed(repository.resolve("HEAD"), None) == {
            "catalog/a.yaml": "M",
            "catalog/b.yaml": "T",
            "catalog/ignored.tmp.yaml": "A",
        }

    def test_history(self, work: Path) -> None:
        repository = found(work)
        changes = repository.history("catalog")
        assert [(change.subject, change.paths) for change in changes] == [
            ("Second", ("catalog/a.yaml", "catalog/b.yaml")),
            ("First", ("catalog/a.yaml",)),
        ]
        newest = changes[0]
        assert (newest.author, newest.email) == ("Ada", "ada@example.org")
        assert newest.time == "2024-02-01T12:00:00Z"
        assert len(repository.history("catalog/a.yaml", limit=1)) == 1
        assert repository.last_change("catalog/none.yaml") is None
        assert repository.commit_time(changes[1].commit) == "2024-01-01T12:00:00Z"

    def test_merge_file(self, work: Path) -> None:
        repository = found(work)
        base = b"a: 1\nb: 1\nc: 1\nd: 1\ne: 1\n"
        assert repository.merge_file(b"0\n" + base, base, base + b"f: 1\n") == b"0\n" + base + b"f: 1\n"
        assert repository.merge_file(b"a: 2\n", b"a: 1\n", b"a: 3\n") is None
        assert repository.merge_file(b"\0a", b"\0b", b"\0c") is None

    @pytest.mark.parametrize("path", ["", "/etc", "../x", "catalog/../..", "a\0b", "."])
    def test_paths_stay_inside(self, work: Path, path: str) -> None:
        with pytest.raises(UsageError):
            found(work).history(path)


PROGRAM_SETTINGS = [
    *(
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "gpg.program",
        "diff.external",
        "diff.evil.textconv",
    ),
    *("filter.evil.clean", "filter.evil.process", "merge.evil.driver"),
]


class TestHostile:
    def test_configured_programs_do_not_run(self, work: Path, tmp_path: Path) -> None:
        marker = tmp_path / "ran"
        program = tmp_path / "program"
        program.write_text(f"#!/bin/sh\ntouch '{marker}'\ncat\n")
        program.chmod(0o755)
        put(work, {".gitattributes": "*.yaml filter=evil diff=evil merge=evil\n", "catalog/a.yaml": "a: 9\n"})
        for key in PROGRAM_SETTINGS:
            git(work, "config", key, str(program))
        git(work, "config", "log.showSignature", "true")
        repository = found(work)
        head = repository.resolve("HEAD")
        assert repository.changed(head, None) == {"catalog/a.yaml": "M"}
        repository.changed(repository.resolve("HEAD~1"), head)
        repository.history("catalog")
        repository.commit_time(head)
        list(repository.read_blobs([item.oid for item in repository.list_tree(head)]))
        repository.merge_file(b"a", b"b", b"a")
        assert not marker.exists()


class TestCommit:
    def test_only_the_named_files(self, work: Path) -> None:
        put(work, {"README.md": "staged\n", "other.txt": "staged\n"})
        put(work, {"catalog/c.yaml": "c: 1\n", "catalog/a.yaml": "a: 3\n"})
        git(work, "add", "README.md", "other.txt")
        (work / "catalog/b.yaml").unlink()
        repository = found(work)
        before = repository.resolve("HEAD")
        commit = repository.commit(["catalog/a.yaml", "catalog/b.yaml", "catalog/c.yaml"], "Edit\n\n# kept\n")
        assert repository.changed(before, commit) == {
            "catalog/a.yaml": "M",
            "catalog/b.yaml": "D",
            "catalog/c.yaml": "A",
        }
        assert git(work, "status", "--porcelain") == "M  README.md\nA  other.txt"
        assert git(work, "log", "-1", "--format=%B") == "Edit\n\n# kept"

    def test_forty_files_with_odd_names_and_ignored_ones(self, work: Path) -> None:
        names = [f"catalog/models/m{index}/model.yaml" for index in range(36)] + ODD_NAMES
        put(work, dict.fromkeys(names, "x: 1\n") | {".gitignore": "m3\n", "catalog/*.yaml": "no"})
        repository = found(work)
        before = repository.resolve("HEAD")
        commit = repository.commit(names, "Forty")
        assert repository.changed(before, commit) == dict.fromkeys(names, "A")
        assert repository.commit(["catalog/*.yaml"], "A literal star") != commit

    def test_folder_and_nothing_to_commit(self, work: Path) -> None:
        repository = found(work)
        head = repository.resolve("HEAD")
        assert repository.commit(["catalog/a.yaml", "catalog/never.yaml"], "Nothing") == head
        for path in (work / "catalog").iterdir():
            path.unlink()
        (work / "catalog").rmdir()
        commit = repository.commit(["catalog"], "Remove")
        assert set(repository.changed(head, commit).values()) == {"D"}

    def test_new_branch(self, work: Path) -> None:
        put(work, {"catalog/c.yaml": "c: 1\n"})
        repository = found(work)
        main = repository.resolve("HEAD")
        commit = repository.commit(["catalog/c.yaml"], "On a branch", branch="add/c")
        assert (repository.resolve("add/c"), repository.resolve("main")) == (commit, main)
        assert git(work, "branch", "--show-current") == "add/c"
        put(work, {"catalog/d.yaml": "d: 1\n"})
        assert repository.commit(["catalog/d.yaml"], "Again", branch="add/c") == repository.resolve("add/c")
        put(work, {"catalog/e.yaml": "e: 1\n"})
        with pytest.raises(UsageError, match="exists already"):
            repository.commit(["catalog/e.yaml"], "Other", branch="main")

    @pytest.mark.parametrize("name", ["-x", "--orphan=x", "a b", "a..b", "@{-1}", "", "x.lock", "HEAD"])
    def test_bad_branch(self, work: Path, name: str) -> None:
        put(work, {"catalog/c.yaml": "c: 1\n"})
        with pytest.raises(UsageError):
            found(work).commit(["catalog/c.yaml"], "x", branch=name)
        assert git(work, "status", "--porcelain") == "?? catalog/c.yaml"

    def test_detached_head(self, work: Path) -> None:
        git(work, "checkout", "--quiet", "--detach")
        put(work, {"catalog/c.yaml": "c: 1\n"})
        assert found(work).commit(["catalog/c.yaml"], "Detached") == git(work, "rev-parse", "HEAD")

    @pytest.mark.parametrize("detach", [False, True])
    def test_refused_by_a_hook(self, work: Path, detach: bool) -> None:
        if detach:
            git(work, "checkout", "--quiet", "--detach")
        hook = work / ".git/hooks/pre-commit"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\necho 'no, thanks' >&2\nexit 1\n")
        hook.chmod(0o755)
        put(work, {"catalog/c.yaml": "c: 1\n", "README.md": "staged\n"})
        git(work, "add", "README.md")
        where = git(work, "rev-parse", "--symbolic-full-name", "HEAD")
        with pytest.raises(OutsideError, match="no, thanks"):
            found(work).commit(["catalog/c.yaml"], "x", branch="new")
        assert git(work, "status", "--porcelain") == "M  README.md\n?? catalog/c.yaml"
        assert git(work, "rev-parse", "--symbolic-full-name", "HEAD") == where
        assert git(work, "branch", "--list", "new") == ""

    def test_no_identity(self, work: Path) -> None:
        Path(os.environ["HOME"], ".gitconfig").unlink()
        put(work, {"catalog/c.yaml": "c: 1\n"})
        with pytest.raises(OutsideError, match=r"git config --global user\.name"):
            found(work).commit(["catalog/c.yaml"], "x")
        assert git(work, "status", "--porcelain") == "?? catalog/c.yaml"

    def test_empty_message(self, work: Path) -> None:
        with pytest.raises(UsageError, match="message"):
            found(work).commit(["catalog/a.yaml"], " \n")


@pytest.mark.skipif(not CHILDREN.exists(), reason="the kernel does not list children")
def test_no_children_are_left(work: Path) -> None:
    before = CHILDREN.read_text()
    with found(work) as repository:
        blobs = repository.read_blobs([repository.list_tree(repository.resolve("HEAD"))[0].oid] * 9)
        next(blobs)
        del blobs
    assert CHILDREN.read_text() == before
