"""The gate and Git: revisions, merges, hostile repositories, paths and clocks."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from gate.kit import Registry, git
from gate.scenarios import FAILED_LATER, V_SCAN, R, T
from hostile.kit import TOMBSTONE, VERSION, WAIVER, Outcome, artifacts, check, fifo, link, model, record

V, M, S = "models/v/versions/1.0.0.yaml", "models/v/model.yaml", "models/s/model.yaml"
BROKEN = {"models/n/model.yaml": model(name="n", license_type=None)}
BROKEN_FOUND = ["error license-missing models/n/model.yaml"]
LONG = model(*(f"# line {number}" for number in range(9)), "status: active")


def refused(outcome: Outcome, code: int, *words: str) -> None:
    """One sentence on standard error, and nothing on standard output."""
    assert (outcome.code, outcome.out) == (code, "")
    assert outcome.err.startswith("budmodel: ") and outcome.err.count("\n") == 1
    assert all(word in outcome.err for word in words), outcome.err


class TestMergeResult:
    def test_each_side_alone_is_fine_but_not_both(self, registry: Registry) -> None:
        registry.start()
        registry.apply({"models/a-b/model.yaml": model(name="a-b")})
        registry.commit()
        assert registry.check().weighed == []
        registry.move_on({"models/a.b/model.yaml": model(name="a.b")})
        found = [f"error name-collision models/{name}/model.yaml" for name in ("a-b", "a.b")]
        assert registry.check().weighed == found
        assert registry.check("--head", "change").weighed == found

    def test_the_parent_was_removed_meanwhile(self, registry: Registry) -> None:
        registry.start()
        registry.apply({"models/c/model.yaml": model("base_models: [{model: s, relation: merge}]", name="c")})
        registry.commit()
        registry.move_on({S: None})
        assert registry.check().weighed == ["error lineage-unknown-base models/c/model.yaml"]

    @pytest.mark.parametrize("head", [(), ("--head", "change")])
    def test_different_lines_are_merged(self, registry: Registry, head: tuple[str, ...]) -> None:
        registry.start({S: LONG})
        registry.apply({S: LONG.replace("architecture: llama", "architecture: gpt")})
        registry.commit()
        registry.move_on({S: LONG.replace("status: active", "status: [")})
        # Only the merged file has both: the change's own line, and the line that cannot be read.
        outcome = registry.check(*head)
        assert outcome.findings == [f"yaml-invalid {S}:16:10 -"]

    @pytest.mark.parametrize("head", [(), ("--head", "change")])
    def test_in_a_conflict_the_changes_side_is_judged(
        self, registry: Registry, head: tuple[str, ...]
    ) -> None:
        registry.start()
        registry.apply({S: model(license_type="nope")})
        registry.commit()
        registry.move_on({S: model(license_type="other")})
        outcome = registry.check(*head)
        assert outcome.weighed == [f"error license-unknown {S}"]
        assert "id or alias nope" in outcome.out

    def test_both_sides_did_the_same(self, registry: Registry) -> None:
        registry.start()
        registry.apply(BROKEN)
        registry.commit()
        registry.move_on(BROKEN)
        assert registry.check().weighed == []

    def test_both_sides_added_a_version_differently(self, registry: Registry) -> None:
        registry.start()
        new = {"models/v/versions/2.0.0.yaml": record(VERSION, version="2.0.0")}
        registry.apply({"models/v/versions/2.0.0.yaml": record(VERSION, version="2.0.0", changelog="mine")})
        registry.commit()
        registry.move_on(
            {
                **new,
                "models/v/scans/2.0.0.yaml": str(artifacts()["models/v/scans/1.0.0.yaml"]).replace(
                    "1.0.0", "2.0.0"
                ),
            }
        )
        assert registry.check().weighed == ["error version-modified models/v/versions/2.0.0.yaml"]

    def test_the_tip_judges_not_the_fork(self, registry: Registry) -> None:
        registry.start()
        registry.apply({"models/n/model.yaml": model(name="n")})
        registry.commit()
        registry.move_on({"policy.yaml": "licenses: {denied: [MIT]}\n"})
        assert registry.check().weighed == ["error license-denied models/n/model.yaml"]

    def test_what_the_base_changed_meanwhile_is_not_reported(self, registry: Registry) -> None:
        registry.start()
        registry.apply({S: model("tags: [x]")})
        registry.commit()
        registry.move_on(BROKEN)
        assert registry.check().weighed == []


class TestCrissCross:
    """Both branches merged each other, so that there are two merge bases; Git's merge rests on both."""

    @pytest.fixture
    def crossed(self, registry: Registry) -> Registry:
        """The change brought a tombstone, the base a failed scan and a note; both sides hold all of it."""
        registry.start()
        registry.apply({T: record(TOMBSTONE)})
        fork = registry.commit("of the change")
        registry.git("checkout", "-q", "main")
        registry.apply({R: FAILED_LATER, S: LONG})
        other = registry.commit("of the base")
        registry.git("merge", "-q", "--no-ff", "-m", "take the change", fork)
        registry.git("checkout", "-q", "change")
        registry.git("merge", "-q", "--no-ff", "-m", "take the base", other)
        bases = registry.git("merge-base", "--all", "main", "change").split()
        assert sorted(bases) == sorted([fork, other])
        return registry

    @pytest.mark.parametrize("head", [(), ("--head", "change")])
    @pytest.mark.parametrize(
        ("path", "undone", "rule"), [(R, V_SCAN, "scan-replayed"), (T, None, "tombstone-modified")]
    )
    def test_what_either_side_brought_is_not_taken_away_unseen(
        self, crossed: Registry, head: tuple[str, ...], path: str, undone: str | None, rule: str
    ) -> None:
        crossed.apply({path: undone})
        crossed.commit("undo it")
        crossed.git("checkout", "-q", "-b", "result", "main")
        crossed.git("merge", "-q", "--no-ff", "-m", "as Git merges it", "change")
        assert crossed.git("diff", "result", "change") == "", "Git takes it away"
        crossed.git("checkout", "-q", "change")
        assert crossed.check(*head).weighed == [f"error {rule} {path}"]

    @pytest.mark.parametrize("head", [(), ("--head", "change")])
    def test_what_both_hold_is_not_reported(self, crossed: Registry, head: tuple[str, ...]) -> None:
        assert crossed.check(*head).json["summary"]["models"] == 0
        crossed.move_on({S: LONG.replace("status: active", "status: deprecated"), R: None})
        assert crossed.check(*head).json["summary"]["models"] == 0


class TestHead:
    def test_the_work_tree_is_ignored(self, registry: Registry) -> None:
        registry.start()
        registry.apply(BROKEN)
        registry.commit()
        registry.git("checkout", "-q", "main")
        registry.apply({S: "a: [\n", "models/p/model.yaml": fifo, M: None, "models/l": link("/etc")})
        shutil.rmtree(registry.root / "catalog" / "licenses")
        assert registry.check("--head", "change").weighed == BROKEN_FOUND

    def test_nothing_of_the_change_is_run(self, registry: Registry, tmp_path: Path) -> None:
        registry.start()
        trap = tmp_path / "trap"
        attributes = "* filter=evil diff=evil merge=evil\n"
        registry.apply({**BROKEN, ".gitattributes": attributes})
        (registry.root / ".gitattributes").write_text(attributes)
        registry.commit()
        for driver in (
            "filter.evil.smudge",
            "filter.evil.clean",
            "filter.evil.process",
            "diff.evil.textconv",
        ):
            registry.git("config", driver, f"touch {trap}")
        for driver in ("diff.evil.command", "merge.evil.driver", "core.fsmonitor", "diff.external"):
            registry.git("config", driver, f"touch {trap}")
        for path in (registry.root / "catalog").rglob("*.yaml"):
            os.utime(path)
        expected = sorted([*BROKEN_FOUND, "error unknown-file .gitattributes"])
        assert registry.check("--head", "change").weighed == expected
        assert registry.check().weighed == expected
        assert not trap.exists()

    def test_a_submodule(self, registry: Registry) -> None:
        registry.start()
        first = registry.git("rev-parse", "HEAD")
        for path in ("catalog/models/sub", "catalog/models/t/model.yaml"):
            registry.git("update-index", "--add", "--cacheinfo", f"160000,{first},{path}")
        registry.git("commit", "-q", "-m", "submodule")
        found = [
            "error unknown-file models/sub",
            "error unknown-file models/t/model.yaml",
            "error version-missing models/t/model.yaml",
        ]
        assert registry.check("--head", "change").weighed == found
        # Once it is on the base, it hides nothing either, and moving it is a change.
        registry.git("branch", "-f", "bad", "change")
        for path in ("catalog/models/sub", "catalog/models/t/model.yaml"):
            registry.git("update-index", "--cacheinfo", f"160000,{'1' * 40},{path}")
        registry.git("commit", "-q", "-m", "moved")
        assert registry.check("--base", "bad", "--head", "change").weighed == found

    def test_a_commit_with_a_path_that_no_file_system_has(self, registry: Registry) -> None:
        registry.start()
        registry.apply({f"models/s/versions/{'n' * 200}.txt": "x", "models/s/new\nline\x1b.txt": "x"})
        registry.commit()
        assert registry.check("--head", "change").weighed == [
            "error unknown-file models/s/new\\nline\\x1b.txt",
            f"error unknown-file models/s/versions/{'n' * 200}.txt",
        ]

    def test_only_the_executable_bit(self, registry: Registry) -> None:
        registry.start()
        (registry.root / "catalog" / V).chmod(0o755)
        assert registry.check().weighed == []
        registry.commit()
        assert registry.check("--head", "change").weighed == []


class TestBesideTheCatalog:
    """What a disk that folds names would lay over the catalog; Git keeps both apart."""

    def add(self, registry: Registry, *paths: str, mode: str = "100644") -> None:
        """Commits files of which the disk hears nothing: it may be one that folds names."""
        blob = registry.git("rev-parse", "HEAD:README.md")
        for path in paths:
            registry.git("update-index", "--add", "--cacheinfo", f"{mode},{blob},{path}")
        registry.git("commit", "-q", "-m", "beside")

    @pytest.mark.parametrize(
        "name", ["Catalog", "CATALOG", "catalog.", "catalog ", "cat\u200dalog", "\uff43atalog", "catalog:x"]
    )
    def test_a_folder(self, registry: Registry, name: str) -> None:
        registry.start()
        self.add(registry, f"{name}/policy.yaml")
        (found,) = registry.check("--head", "change").json["findings"]
        assert (found["rule"], found["severity"]) == ("unknown-file", "error")
        assert found["path"] == name.replace("\u200d", "\\u200d")
        assert registry.check("--base", "change", "--head", "main").weighed == [], "taking it away mends"
        registry.move_on({"waivers/.gitkeep": ""})
        registry.git("checkout", "-q", "main")
        assert registry.check("--base", "change", "--head", "main").weighed == []

    @pytest.mark.parametrize("mode", ["100644", "120000"])
    def test_a_file_or_a_link(self, registry: Registry, mode: str) -> None:
        registry.start()
        self.add(registry, "Catalog", mode=mode)
        assert registry.check("--head", "change").weighed == ["error unknown-file Catalog"]

    def test_names_that_are_only_similar(self, registry: Registry) -> None:
        registry.start()
        self.add(registry, "catalogs/x", "my/Catalog/x", "catalog-old/x", "c\u00e1talog/x")
        assert registry.check("--head", "change").weighed == []

    def test_of_the_folders_above(self, registry: Registry) -> None:
        top = registry.top = registry.root
        registry.root = top / "ml" / "models"
        registry.start()
        git(top, "mv", "ml/models/README.md", "README.md")
        registry.commit()
        self.add(registry, "ML/readme", "ML/Models/notes", "ml/Models/readme")
        assert registry.check("--head", "change").weighed == [], "they hold nothing of the catalog"
        self.add(registry, "ML/Models/Catalog/x", "ml/Models/catalog/x", "ml/models/Catalog/x")
        expected = [f"error unknown-file {path}" for path in ("../../ML/Models/Catalog", "../Models/catalog")]
        assert registry.check("--head", "change").weighed == [*expected, "error unknown-file Catalog"]
        self.add(registry, "mL", mode="120000")
        assert "error unknown-file ../../mL" in registry.check("--head", "change").weighed

    def test_on_disk(self, registry: Registry) -> None:
        top = registry.top = registry.root
        registry.root = top / "ml"
        registry.start()
        for folder in (top / "ML" / "Catalog", registry.root / "Catalog"):
            folder.mkdir(parents=True)
        if (registry.root / "Catalog" / "models").exists():
            pytest.skip("the disk folds names")
        found = ["error unknown-file ../ML/Catalog", "error unknown-file Catalog"]
        assert registry.check().weighed == found
        assert check(registry.capsys, registry.root).weighed == found
        assert check(registry.capsys, registry.root, "catalog").weighed == found
        assert check(registry.capsys, registry.root, "catalog/models").weighed == []


class TestWorkTree:
    def test_untracked_ignored_and_staged_files_count(self, registry: Registry) -> None:
        registry.start()
        (registry.root / ".gitignore").write_text("*.log\ncatalog/models/i/\n")
        ignored = {"models/i/model.yaml": model(name="i", license_type=None), "x.log": "x"}
        staged = {"models/st/model.yaml": model(name="st", license_type=None)}
        registry.apply(staged)
        registry.git("add", "catalog/models/st")
        registry.apply({**BROKEN, **ignored})
        assert registry.check().weighed == [
            "error license-missing models/i/model.yaml",
            *BROKEN_FOUND,
            "error license-missing models/st/model.yaml",
            "error unknown-file x.log",
        ]

    def test_staged_but_changed_back_on_disk(self, registry: Registry) -> None:
        registry.start()
        good = (registry.root / "catalog" / S).read_text()
        registry.apply({S: "a: [\n"})
        registry.git("add", "-A")
        registry.apply({S: good})
        assert registry.check().weighed == [], "what is on disk is judged"

    def test_a_folder_becomes_a_link(self, registry: Registry, tmp_path: Path) -> None:
        registry.start()
        outside = tmp_path / "outside"
        shutil.move(registry.root / "catalog" / "models" / "s", outside)
        (outside / "model.yaml").write_text("secret: 4711\n")
        registry.apply({"models/s": link(str(outside))})
        outcome = registry.check()
        assert outcome.weighed == ["error unknown-file models/s"]
        assert "4711" not in outcome.out and "secret" not in outcome.out

    def test_no_commit_on_the_branch_yet(self, registry: Registry) -> None:
        registry.start()
        registry.git("checkout", "-q", "main")
        registry.apply(BROKEN)
        assert registry.check("--base", "HEAD").weighed == BROKEN_FOUND
        assert registry.check("--base=main").weighed == BROKEN_FOUND

    def test_a_file_that_cannot_be_read(self, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
        registry.start()
        registry.apply(BROKEN)
        opened = os.open

        def refuse(path: object, *rest: int, **more: int) -> int:
            if str(path).endswith(S):
                raise PermissionError(13, "Permission denied")
            return opened(path, *rest, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(os, "open", refuse)
        outcome = check(registry.capsys, registry.root)
        assert outcome.weighed == [*BROKEN_FOUND, f"error yaml-invalid {S}"]
        assert "cannot be read: Permission denied" in outcome.out

    @pytest.mark.skipif(os.geteuid() == 0, reason="root can read everything")
    def test_a_file_without_permissions(self, registry: Registry) -> None:
        registry.start()
        (registry.root / "catalog" / S).chmod(0)
        assert check(registry.capsys, registry.root).weighed == [f"error yaml-invalid {S}"]


class TestRevisions:
    def test_unknown(self, registry: Registry) -> None:
        registry.start()
        refused(registry.check("--base", "nope"), 2, "the revision 'nope' is not in")
        refused(registry.check("--head", "nope"), 2, "the revision 'nope' is not in")
        refused(registry.check("--base", "origin/main"), 2, "git fetch origin main")

    @pytest.mark.parametrize(
        "rev", ["--output=x", "-x", "", "main:catalog", "a b", "^main", "main\n", "@{-99}", "main..change"]
    )
    def test_what_is_no_revision(self, registry: Registry, rev: str) -> None:
        registry.start()
        refused(registry.check(f"--base={rev}"), 2)
        refused(registry.check("--base", "main", f"--head={rev}"), 2)
        assert not (registry.root / "x").exists()

    @pytest.mark.parametrize("rev", ["main", "origin/main", "origin/main~0", "v1"])
    def test_a_tag_does_not_stand_in_for_a_branch(self, registry: Registry, rev: str) -> None:
        """Git would take the tag, which another person may push than those who may merge."""
        registry.start()
        registry.git("update-ref", "refs/remotes/origin/main", "main")
        registry.git("branch", "v1")
        registry.apply(BROKEN)
        lax = registry.commit()
        for name in ("main", "origin/main", "v1"):
            registry.git("update-ref", f"refs/tags/{name}", lax)
        registry.git("config", "core.warnAmbiguousRefs", "false")
        refused(registry.check("--base", rev, "--head", "change"), 2, "write one in full")
        for full in ("refs/heads/main", "refs/remotes/origin/main"):
            assert registry.check("--base", full, "--head", "change").weighed == BROKEN_FOUND

    def test_grafts_tell_no_other_history(self, registry: Registry) -> None:
        registry.start()
        registry.apply(BROKEN)
        change, main = registry.commit(), registry.git("rev-parse", "main")
        (registry.root / ".git" / "info" / "grafts").write_text(f"{change}\n{main} {change}\n")
        assert registry.check("--head", "change").weighed == BROKEN_FOUND

    def test_head_without_base(self, registry: Registry) -> None:
        registry.start()
        refused(check(registry.capsys, registry.root, "--head", "change"), 2, "--head needs --base")

    def test_without_git(self, registry: Registry) -> None:
        registry.start()
        shutil.rmtree(registry.root / ".git")
        refused(registry.check(), 2, "--base needs Git")
        assert check(registry.capsys, registry.root).code == 0

    def test_unrelated_histories(self, registry: Registry) -> None:
        registry.start()
        registry.git("checkout", "-q", "--orphan", "other")
        registry.commit("alone")
        refused(registry.check(), 4, "have no common ancestor")
        refused(registry.check("--head", "other"), 4, "have no common ancestor")

    def test_a_shallow_clone(self, registry: Registry, tmp_path: Path) -> None:
        registry.start()
        registry.apply(BROKEN)
        registry.commit()
        registry.move_on({"models/m/model.yaml": model(name="m")})
        clone = tmp_path / "clone"
        git(tmp_path, "clone", "-q", "--depth", "1", "--no-single-branch", f"file://{registry.root}", "clone")
        shallow = Registry(clone, registry.capsys)
        shallow.git("checkout", "-q", "change")
        refused(
            shallow.check("--base", "origin/main"),
            4,
            "no common ancestor in this clone; run `git fetch --unshallow`.",
        )
        refused(shallow.check("--base", "origin/main~1"), 2, "shallow")
        shallow.git("fetch", "-q", "--unshallow")
        assert shallow.check("--base", "origin/main").weighed == BROKEN_FOUND

    def test_a_clone_without_blobs(self, registry: Registry, tmp_path: Path) -> None:
        registry.start()
        registry.git("config", "uploadpack.allowFilter", "true")
        registry.apply(BROKEN)
        registry.commit()
        git(
            tmp_path, "clone", "-q", "--no-checkout", "--filter=blob:none", f"file://{registry.root}", "clone"
        )
        partial = Registry(tmp_path / "clone", registry.capsys)
        (partial.root / "catalog").mkdir()
        refused(
            partial.check("--base", "origin/main", "--head", "origin/change"), 4, "does not hold all objects"
        )

    def test_a_clone_without_trees(self, registry: Registry, tmp_path: Path) -> None:
        """Nothing is fetched behind our back, and what is not there is not taken for absent."""
        registry.start()
        registry.apply(BROKEN)
        registry.commit()
        registry.git("config", "uploadpack.allowFilter", "true")
        flags = ("--no-checkout", "--filter=tree:0")
        git(tmp_path, "clone", "-q", *flags, registry.root.as_uri(), "clone")
        trap = tmp_path / "trap"
        git(tmp_path / "clone", "config", "remote.origin.uploadpack", f"touch {trap}; git-upload-pack")
        git(tmp_path / "clone", "config", "protocol.allow", "always")
        bare = Registry(tmp_path / "clone", registry.capsys)
        refused(bare.check("--base", "origin/main", "--head", "origin/change"), 4, "not hold all objects")
        assert not trap.exists()

    def test_a_tag_a_hash_and_an_expression(self, registry: Registry) -> None:
        registry.start()
        registry.git("tag", "-a", "-m", "x", "v1", "main")
        registry.apply(BROKEN)
        commit = registry.commit()
        for base in ("v1", "refs/heads/main", f"{commit}~1", f"{commit[:12]}^"):
            assert registry.check("--base", base).weighed == BROKEN_FOUND

    def test_a_branch_behind_its_base(self, registry: Registry) -> None:
        registry.start()
        registry.move_on(BROKEN)
        assert registry.check().weighed == []
        assert registry.check("--head", "change").weighed == []


class TestPlaces:
    def test_a_registry_in_a_folder_of_the_repository(self, registry: Registry) -> None:
        top = registry.root
        registry.root, registry.top = top / "inner" / "registry", top
        registry.start()
        (top / "catalog" / "models" / "n").mkdir(parents=True)
        (top / "catalog" / "models" / "n" / "model.yaml").write_text("a: [\n")
        registry.apply(BROKEN)
        assert registry.check().weighed == BROKEN_FOUND
        registry.commit()
        assert registry.check("--head", "change").weighed == BROKEN_FOUND

    def test_a_work_tree_of_git(self, registry: Registry, tmp_path: Path) -> None:
        registry.start()
        registry.apply(BROKEN)
        registry.commit()
        registry.git("checkout", "-q", "main")
        registry.git("worktree", "add", "-q", str(tmp_path / "tree"), "change")
        tree = Registry(tmp_path / "tree", registry.capsys)
        assert tree.check().weighed == BROKEN_FOUND
        tree.apply({S: "a: [\n"})
        assert tree.check().weighed == [*BROKEN_FOUND, f"error yaml-invalid {S}"]
        assert registry.check("--head", "change").weighed == BROKEN_FOUND

    def test_paths_narrow(self, registry: Registry) -> None:
        registry.start()
        registry.apply({**BROKEN, V: None, S: "a: [\n"})
        everything = registry.check().weighed
        for paths in ([], ["catalog"], ["."]):
            assert registry.check(*paths).weighed == everything
        assert registry.check("catalog/models/n").weighed == BROKEN_FOUND
        assert registry.check("catalog/models/n/model.yaml", f"catalog/{S}").weighed == [
            *BROKEN_FOUND,
            f"error yaml-invalid {S}",
        ]
        assert registry.check("catalog/licenses").weighed == []
        assert registry.check(f"catalog/{V}").weighed == [f"error version-deleted {V}"], (
            "deleted, but asked for"
        )
        refused(registry.check("catalog/models/nope"), 2, "no file of the catalog is there")
        refused(registry.check("../x"), 2, "lies outside the registry")
        refused(registry.check("/etc/passwd"), 2, "lies outside the registry")

    def test_the_clock(self, registry: Registry) -> None:
        bare = artifacts({"license_type": None})
        registry.start({**bare, "waivers/w.yaml": record(WAIVER)})
        registry.apply({M: str(bare[M]) + "# x\n"})
        assert registry.check("--now", "2026-12-31T23:59:59Z").weighed == []
        assert registry.check("--now", "2027-01-01").weighed == [f"warning license-missing {M}"]
        assert registry.check("--now", "1970-01-01").weighed == []
        full = check(registry.capsys, registry.root, "--now", "2027-01-01")
        assert full.weighed == [f"error license-missing {M}", "error waiver-expired waivers/w.yaml"]
        assert check(registry.capsys, registry.root, "--now", "2026-12-31").weighed == []
        refused(registry.check("--now", "yesterday"), 2)

    def test_the_full_check_denies_what_may_land(self, registry: Registry) -> None:
        registry.start()
        scan = (
            str(artifacts()["models/v/scans/1.0.0.yaml"])
            .replace("PASSED", "FAILED")
            .replace("05-30", "05-31")
        )
        registry.apply({"models/v/scans/1.0.0.yaml": scan})
        assert registry.check().code == 0
        full = check(registry.capsys, registry.root)
        assert (full.code, full.weighed) == (1, ["error scan-failed models/v/scans/1.0.0.yaml"])

    def test_what_is_said_of_a_new_licence(self, registry: Registry) -> None:
        registry.start()
        text = "id: X\nname: X\nsource: x\nreviewed: {by: l, on: 2026-01-01}\n"
        registry.apply({"licenses/X.yaml": text, "models/n/model.yaml": model(name="n", license_type="X")})
        (found,) = registry.check().json["findings"]
        assert (
            found["message"] == "the licence X is new in this change; it counts once it is on the base branch"
        )
        assert check(registry.capsys, registry.root).weighed == []

    def test_nothing_is_written(self, registry: Registry) -> None:
        registry.start()
        registry.apply(BROKEN)
        registry.git("add", "-A")
        before = {p: p.stat().st_mtime_ns for p in registry.root.rglob("*") if p.is_file()}
        registry.check()
        registry.check("--head", "change")
        assert {p: p.stat().st_mtime_ns for p in registry.root.rglob("*") if p.is_file()} == before
        assert subprocess.run(["git", "fsck"], cwd=registry.root, capture_output=True).returncode == 0
