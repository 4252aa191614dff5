"""Several ids, commits, interruptions; S3 and folders; what moved upstream; sync."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from budmodel.cli.main import COMMANDS, run
from cli.import_fakes import FIRST, SECOND, WEIGHTS, World
from cli.small_catalog import Registry


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


class TestSeveralIds:
    def test_one_that_fails_stops_no_other_and_the_worst_code_is_told(
        self, world: World, empty: Registry
    ) -> None:
        world.add(id="acme/a")
        world.add(id="acme/b").model.pop("architecture")
        outcome = empty("import", "hf", "acme/a", "acme/gone", "acme/b")
        assert outcome.code == 4
        assert outcome.out.endswith("\n1 imported, 0 up to date, 2 failed\n")
        assert outcome.err == (
            "budmodel: acme/gone: There is no model acme/gone on the Hub, or it is private; check the id.\n"
            "budmodel: acme/b: the source of b does not say its architecture; state it with "
            "--architecture A\n"
        )
        assert list(empty.files()) == ["catalog/models/a/model.yaml", "catalog/models/a/versions/1.0.0.yaml"]
        again = empty("import", "hf", "acme/a", "acme/b", "--json")
        assert again.code == 2
        assert [item["decision"] for item in again.json["result"]] == ["unchanged", "failed"]
        assert again.json["total"] == 2

    def test_a_list_names_one_id_a_line(self, world: World, empty: Registry, tmp_path: Path) -> None:
        for name in "ab":
            world.add(id=f"acme/{name}")
        ids = tmp_path / "ids.txt"
        ids.write_text("# ours\nacme/a   # first\n\nacme/b\nacme/a\n")
        outcome = empty("import", "huggingface", "--from-file", str(ids))
        assert outcome.code == 0
        assert outcome.out.endswith("2 imported, 0 up to date, 0 failed\n")
        assert [subject for subject, _ in world.asked] == ["acme/a", "acme/b"]

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (["hf"], "say what to import: budmodel import huggingface ORG/NAME, or --from-file LIST"),
            (
                ["hf", "a/b", "a/c", "--name", "x"],
                "--name is about one model, but 2 are named; import that one alone",
            ),
            (
                ["hf", "a/b", "a/c", "--revision", "x"],
                "--revision is about one model, but 2 are named; import that one alone",
            ),
            (
                ["hf", "--from-file", "/nowhere"],
                "cannot read /nowhere: No such file or directory; name a text file with one id on each line",
            ),
            (
                ["s3", "s3://b/x"],
                "a name for the catalog is missing; write budmodel import s3 s3://b/x --name NAME",
            ),
            (
                ["local", "x"],
                "a name for the catalog is missing; write budmodel import local x --name NAME",
            ),
        ],
    )
    def test_wrong_usage_is_one_sentence(
        self, world: World, empty: Registry, arguments: list[str], sentence: str
    ) -> None:
        outcome = empty("import", *arguments)
        assert (outcome.code, outcome.out, outcome.err) == (2, "", f"budmodel: {sentence}\n")

    def test_one_commit_holds_all_that_was_written_and_nothing_else(
        self, world: World, registry: Registry
    ) -> None:
        registry.commit_all("start")
        registry.write("licenses/MIT.yaml", "id: MIT\nname: Edited by somebody\nsource: read\n")
        for name in "ab":
            world.add(id=f"acme/{name}")
        outcome = registry("import", "hf", "acme/a", "acme/b", "--branch", "import-two")
        assert outcome.code == 0, outcome.err
        assert outcome.out.endswith(" on branch import-two\n")
        assert registry.git("show", "--format=%B", "--name-only", "HEAD").split("\n") == [
            "Import 2 models",
            "",
            f"- Import a 1.0.0 from hf:acme/a at {FIRST[:10]}",
            f"- Import b 1.0.0 from hf:acme/b at {FIRST[:10]}",
            "",
            "",
            "catalog/models/a/model.yaml",
            "catalog/models/a/versions/1.0.0.yaml",
            "catalog/models/b/model.yaml",
            "catalog/models/b/versions/1.0.0.yaml",
        ]
        assert registry.git("status", "--porcelain") == "M catalog/licenses/MIT.yaml"

    def test_a_commit_without_git_is_refused_before_anything_is_asked(
        self, world: World, empty: Registry
    ) -> None:
        world.add(id="acme/a")
        outcome = empty("import", "hf", "acme/a", "--commit")
        assert outcome.code == 2
        assert outcome.err.startswith("budmodel: --commit needs Git")
        assert world.asked == []


class TestInterruption:
    @pytest.mark.parametrize("where", ["listing", "sha256"])
    def test_ctrl_c_leaves_nothing_half_written(
        self, world: World, empty: Registry, monkeypatch: pytest.MonkeyPatch, where: str
    ) -> None:
        world.add(id="acme/a")
        broken = world.add(id="acme/b", digests=False)

        def interrupt(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(broken, where, interrupt, raising=False)
        outcome = empty("import", "hf", "acme/a", "acme/b")
        assert (outcome.code, outcome.err.strip()) == (130, "budmodel: interrupted")
        assert list(empty.files()) == ["catalog/models/a/model.yaml", "catalog/models/a/versions/1.0.0.yaml"]
        assert broken.closed == 1

    def test_a_disk_that_fills_up_leaves_nothing(
        self, world: World, empty: Registry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.add(id="acme/a")
        synced: list[int] = []

        def full(descriptor: int) -> None:
            synced.append(descriptor)
            if len(synced) > 1:
                raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        outcome = empty("import", "hf", "acme/a")
        assert outcome.code == 4
        assert outcome.err.count("\n") == 1
        assert empty.files() == {}


class TestPlaces:
    def test_s3_fills_the_files_of_the_custom_registration_with_that_storage_path(
        self, world: World, empty: Registry, tmp_path: Path
    ) -> None:
        seed = tmp_path / "seed.json"
        seed.write_text(
            '{"name": "my-model", "source": "custom", "storage_path": "s3://bud/my-model/1.0.0/", '
            '"architecture": "llama", "parameter_count": 1000000}'
        )
        assert empty("add", "--from", str(seed), "--now", "2026-01-01").code == 0
        world.add(id="s3://bud/my-model/1.0.0", kind="s3", digests=False)
        before = empty.read("models/my-model/versions/1.0.0.yaml")
        outcome = empty("import", "s3", "s3://bud/my-model/1.0.0", "--name", "my-model")
        assert outcome.code == 0, outcome.err
        assert outcome.out.startswith("my-model@1.0.0: the files of s3://bud/my-model/1.0.0 are recorded\n")
        assert empty.read("models/my-model/versions/1.0.0.yaml").startswith(f"{before}files:\n")
        assert world.fakes["s3://bud/my-model/1.0.0"].hashed == sorted(WEIGHTS)

    def test_a_neighbouring_prefix_is_the_next_version_and_other_buckets_are_refused(
        self, world: World, empty: Registry
    ) -> None:
        for id_ in ("s3://bud/m/1/", "s3://bud/m/2/", "s3://other/m/1/"):
            world.add(id=id_, kind="s3")
        second = world.fakes["s3://bud/m/2/"]
        second.files = WEIGHTS | {"model.safetensors": b"2"}
        assert empty("import", "s3", "s3://bud/m/1/", "--name", "m").code == 0
        assert empty("import", "s3", "s3://bud/m/2/", "--name", "m").out.startswith("m@1.1.0: a new version")
        outcome = empty("import", "s3", "s3://other/m/1/", "--name", "m")
        assert outcome.code == 2
        assert outcome.err == (
            "budmodel: the name m is taken by a model from s3://bud/m/2, not from s3://other/m/1; import it "
            "under another name, such as --name m-2\n"
        )

    def test_bytes_replaced_in_place_are_told(self, world: World, empty: Registry) -> None:
        fake = world.add(id="s3://bud/m/1/", kind="s3")
        empty("import", "s3", "s3://bud/m/1/", "--name", "m")
        fake.files = WEIGHTS | {"config.json": b"new"}
        outcome = empty("import", "s3", "s3://bud/m/1/", "--name", "m")
        assert outcome.out.startswith("m@1.0.1: a new version")
        assert outcome.err == (
            "budmodel: m: storage_path: the bytes at s3://bud/m/1 are no longer those of m@1.0.0\n"
        )

    def test_a_folder_is_recorded_without_its_path(self, world: World, empty: Registry) -> None:
        world.add(id="/srv/secret-place", kind="local", digests=False)
        outcome = empty(
            "import", "local", "/srv/secret-place", "--name", "m", "--storage-path", "s3://bud/m/1.0.0/"
        )
        assert outcome.code == 0, outcome.err
        version = empty.read("models/m/versions/1.0.0.yaml")
        assert "source:\n  type: local\nstorage_path: s3://bud/m/1.0.0/\n" in version
        assert b"secret-place" not in b"".join(empty.files().values())
        assert "up to date" in empty("import", "local", "/srv/secret-place", "--name", "m").out

    def test_no_hash_reads_nothing_and_can_be_made_up_for(self, world: World, empty: Registry) -> None:
        fake = world.add(id="/srv/m", kind="local", digests=False)
        assert empty("import", "local", "/srv/m", "--name", "m", "--no-hash").code == 0
        assert fake.hashed == []
        assert "up to date" in empty("import", "local", "/srv/m", "--name", "m", "--no-hash").out
        assert "are recorded" in empty("import", "local", "/srv/m", "--name", "m").out
        assert fake.hashed == sorted(WEIGHTS)
        assert "up to date" in empty("import", "local", "/srv/m", "--name", "m", "--no-hash").out


class TestOutdated:
    def test_says_what_moved_what_would_change_and_what_could_not_be_asked(
        self, world: World, empty: Registry
    ) -> None:
        fakes = {name: world.add(id=f"acme/{name}") for name in ("a", "b", "c", "d")}
        empty("import", "hf", *(f"acme/{name}" for name in fakes))
        assert empty("outdated").out == "0 moved, 4 current, 0 could not be asked\n"
        fakes["a"].revision, fakes["a"].files = SECOND, WEIGHTS | {"model.safetensors": b"2", "x": b""}
        fakes["b"].revision = SECOND
        outcome = empty("outdated")
        assert (outcome.code, outcome.err) == (1, "")
        assert outcome.out == (
            f"a@1.0.0: acme/a moved from {FIRST[:10]} to {SECOND[:10]} of 2025-08-01\n"
            "  1 added: x\n"
            "  1 changed: model.safetensors\n"
            "  needs at least a minor version\n"
            "1 moved, 3 current, 0 could not be asked\n"
            "next: budmodel sync\n"
        )
        fakes["c"].broken = "The Hub cannot be reached; check the network."
        outcome = empty("outdated", "--json")
        assert outcome.code == 4
        found = {item["name"]: item for item in outcome.json["result"]}
        assert [item["state"] for item in found.values()] == ["moved", "current", "unknown", "current"]
        assert found["c"]["error"] == "The Hub cannot be reached; check the network."
        assert found["a"] == {
            "kind": "model",
            "name": "a",
            "version": "1.0.0",
            "model_id": "acme/a",
            "pinned": FIRST,
            "upstream": SECOND,
            "last_modified": "2025-08-01T00:00:00Z",
            "state": "moved",
            "changes": {
                "added": [["x", 0]],
                "removed": [],
                "changed": [["model.safetensors", 7, 1]],
                "known": True,
            },
            "level": "minor",
            "error": None,
        }
        assert empty("outdated", "a", "acme/b").out.endswith(
            "1 moved, 1 current, 0 could not be asked\nnext: budmodel sync a\n"
        )
        assert empty("outdated", "nobody").code == 2
        empty("add", "own", "--architecture", "llama", "--parameter-count", "1B")
        assert empty("outdated", "own").err == (
            "budmodel: the newest version of own is not from the Hub, so nothing can have moved there; see "
            "budmodel version list own\n"
        )
        for fake in fakes.values():
            fake.broken = "The Hub cannot be reached; check the network."
        assert empty("outdated").err == (
            "budmodel: a, b, c, d: The Hub cannot be reached; check the network.\n"
        )

    def test_sync_writes_what_moved_and_a_second_one_is_clean(self, world: World, registry: Registry) -> None:
        fake = world.add(id="meta-llama/Meta-Llama-3-8B", revision="c" * 40)
        registry.commit_all("start")
        outcome = registry("sync")
        assert (outcome.code, outcome.out) == (0, "0 imported, 0 up to date, 0 failed\n")
        fake.revision = SECOND
        dry = registry("sync", "llama-3", "--dry-run", "--json")
        assert [item["decision"] for item in dry.json["result"]] == ["version"]
        assert registry.git("status", "--porcelain") == ""
        outcome = registry("sync", "--commit")
        assert outcome.code == 0, outcome.err
        assert registry.git("log", "-1", "--format=%s") == (
            "Import llama-3 1.2.0 from hf:meta-llama/Meta-Llama-3-8B"
        )
        assert "# Checked by hand.\n" in registry.read("models/llama-3/model.yaml")
        assert registry("sync").out == "0 imported, 0 up to date, 0 failed\n"
        fake.broken = "The Hub cannot be reached; check the network."
        outcome = registry("sync")
        assert (outcome.code, outcome.err) == (
            4,
            "budmodel: llama-3: The Hub cannot be reached; check the network.\n",
        )

    def test_licence_texts_are_fetched_where_asked(
        self, world: World, registry: Registry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from budmodel.errors import OutsideError
        from cli.import_fakes import digest

        pages = {"https://a.example/ok": b"text", "https://a.example/moved": b"another"}

        def fetch(url: str) -> bytes:
            if url not in pages:
                raise OutsideError(f"{url} answered 404; look whether the text moved")
            return pages[url]

        monkeypatch.setattr("budmodel.operations.import_texts.fetch_https", fetch)
        texts = "".join(
            f"  - {{sha256: {digest(b'text')}, url: https://a.example/{page}}}\n" for page in ("ok", "moved")
        )
        registry.write("licenses/MIT.yaml", f"id: MIT\nname: MIT\nsource: read\ntexts:\n{texts}")
        world.add(id="meta-llama/Meta-Llama-3-8B", revision="c" * 40)
        assert registry("outdated").code == 0
        outcome = registry("outdated", "--license-texts")
        assert outcome.code == 1
        assert outcome.out.startswith(
            "license MIT: https://a.example/moved has another text than was recorded\n"
        )
        del pages["https://a.example/ok"]
        outcome = registry("outdated", "--license-texts")
        assert (outcome.code, outcome.err) == (
            4,
            "budmodel: license MIT: https://a.example/ok answered 404; look whether the text moved\n",
        )


def test_help_needs_no_heavy_library() -> None:
    code = (
        "import sys; from budmodel.cli.main import run; run(['import', 'hf', '--help']); "
        "print([name for name in ('boto3', 'huggingface_hub', 'pydantic') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n")


def test_the_commands_are_there() -> None:
    assert {"import", "outdated", "sync", "verify"} <= set(COMMANDS)
    assert callable(run)
