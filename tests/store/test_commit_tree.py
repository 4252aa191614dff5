"""The files of a commit: a part that is listed alone says what the listing of all says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from budmodel.errors import OutsideError
from budmodel.store.git import Repository
from budmodel.store.tree import CommitTree, UnreadableError
from store.test_git import CHILDREN, MISSING_BLOB, found, git, put, save

FILES = {
    "catalog/policy.yaml": "scans: {}\n",
    "catalog/licenses/MIT.yaml": "id: MIT\n",
    "catalog/waivers/w.yaml": "rules: []\n",
    "catalog/removed/gone.yaml": "name: gone\n",
    "catalog/acknowledgments/a/1.0.0/x.yaml": "by: ann\n",
    "catalog/models/a/model.yaml": "name: a\n",
    "catalog/models/a/versions/1.0.0.yaml": "version: 1.0.0\n",
    "catalog/models/a/scans/1.0.0.yaml": "status: PASSED\n",
    "catalog/models/a-b/model.yaml": "name: a-b\n",
    "catalog/models/a0/model.yaml": "name: a0\n",
    "catalog/models/loose.yaml": "name: loose\n",
    "README.md": "no record\n",
}
ASKED = [
    *FILES,
    "catalog",
    "catalog/models",
    "catalog/models/a",
    "catalog/models/link",
    "catalog/models/link/model.yaml",
    "catalog/models/missing/model.yaml",
    "catalog/models/../policy.yaml",
    "catalog/models//model.yaml",
    "catalog/models/a\0b/model.yaml",
    "catalog/models/*/model.yaml",
    "catalog/licenses",
    "catalog/acknowledgments/a",
    "catalog/missing.yaml",
]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    git(tmp_path, "init", "--quiet")
    put(tmp_path, FILES)
    (tmp_path / "catalog/models/link").symlink_to("a")
    save(tmp_path, "First")
    return found(tmp_path)


def said(tree: CommitTree, path: str) -> object:
    try:
        content: object = tree.read(path)
    except UnreadableError as error:
        content = str(error)
    return tree.type_of(path), tree.files_in(path), content


@pytest.mark.parametrize("path", ASKED)
def test_a_part_says_what_the_whole_says(repository: Repository, path: str) -> None:
    with repository:
        commit = repository.resolve("HEAD")
        part, whole = CommitTree(repository, commit), CommitTree(repository, commit)
        whole.types()
        assert said(part, path) == said(whole, path)
        assert said(part, path) == said(part, path)


def test_one_after_the_other(repository: Repository) -> None:
    with repository:
        commit = repository.resolve("HEAD")
        tree, whole = CommitTree(repository, commit), CommitTree(repository, commit)
        whole.types()
        assert [said(tree, path) for path in ASKED] == [said(whole, path) for path in ASKED]
        # So many parts that all is listed at last.
        for index in range(40):
            assert tree.type_of(f"catalog/models/missing-{index}/model.yaml") is None
        assert [said(tree, path) for path in ASKED] == [said(whole, path) for path in ASKED]


def test_after_a_failure_the_next_answer_is_right(repository: Repository) -> None:
    with repository:
        commit = repository.resolve("HEAD")
        items = repository.list_tree(commit)
        for oid in (MISSING_BLOB, commit):
            with pytest.raises(OutsideError, match="does not hold all objects"):
                repository.read_blob(oid)
            for item in items:
                assert repository.read_blob(item.oid) == (
                    b"a" if item.path == "catalog/models/link" else FILES[item.path].encode()
                )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_asks_by_itself(repository: Repository) -> None:
    with repository:
        tree = CommitTree(repository, repository.resolve("HEAD"))
        tree.read("catalog/policy.yaml")
        child = os.fork()
        if child == 0:
            right = tree.read("catalog/licenses/MIT.yaml") == b"id: MIT\n"
            repository.close()
            os._exit(0 if right else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert tree.read("catalog/models/a/model.yaml") == b"name: a\n"


@pytest.mark.skipif(not CHILDREN.exists(), reason="the kernel does not list children")
def test_no_process_is_left(repository: Repository) -> None:
    before = CHILDREN.read_text()
    with repository:
        CommitTree(repository, repository.resolve("HEAD")).read("catalog/policy.yaml")
        assert CHILDREN.read_text() != before
    assert CHILDREN.read_text() == before
