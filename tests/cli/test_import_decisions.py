"""budmodel import decides: a new model, a new version, files recorded, nothing; each way by its sentence."""

from __future__ import annotations

from typing import Any

import pytest

from budmodel.sources.interface import Note
from cli.import_fakes import SECOND, WEIGHTS, Fake, World, digest
from cli.small_catalog import Registry

HUB = ("import", "huggingface", "acme/Tiny-1M")
NAME = "models/tiny-1m"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


@pytest.fixture
def tiny(world: World, empty: Registry) -> Fake:
    empty.write(
        "licenses/MIT.yaml",
        "id: MIT\nname: MIT\naliases: [mit-license]\nsource: read\nreviewed: {by: l, on: 2026-01-01}\n",
    )
    return world.add()


def result(registry: Registry, *arguments: str, code: int = 0) -> dict[str, Any]:
    outcome = registry(*arguments, "--json")
    assert outcome.code == code, outcome.err
    found: dict[str, Any] = outcome.json["result"]
    return found


def test_a_new_name_becomes_a_model_with_version_1_0_0(tiny: Fake, empty: Registry) -> None:
    tiny.notes = (Note(kind="guess", field="parameter_count", message="computed from config.json"),)
    outcome = empty(*HUB)
    assert outcome.code == 0
    assert outcome.out == (
        "tiny-1m@1.0.0: a new model, imported from hf:acme/Tiny-1M at aaaaaaaaaa\n"
        "wrote catalog/models/tiny-1m/model.yaml\n"
        "wrote catalog/models/tiny-1m/versions/1.0.0.yaml\n"
        "next: budmodel check catalog/models/tiny-1m\n"
    )
    assert outcome.err == "budmodel: tiny-1m: parameter_count: computed from config.json\n"
    assert empty.read(f"{NAME}/model.yaml") == (
        "# yaml-language-server: $schema=../../../schemas/v1/model.schema.json\n"
        "# Imported from hf:acme/Tiny-1M at aaaaaaaaaa\n"
        "# parameter_count: computed from config.json\n"
        "name: tiny-1m\n"
        "architecture: llama\n"
        "parameter_count: 1000000\n"
        "description: A tiny model.\n"
        "context_length: 4096\n"
        "license_type: MIT\n"
        "tags: [chat]\n"
        "source:\n"
        "  type: huggingface\n"
        "  model_id: acme/Tiny-1M\n"
        "default_version: 1.0.0\n"
    )
    version = empty.read(f"{NAME}/versions/1.0.0.yaml")
    assert "changelog: First import.\n" in version
    assert f"  revision: {'a' * 40}\n" in version
    assert version.count("  - path: ") == 3
    assert f"    sha256: {digest(WEIGHTS['model.safetensors'])}\n" in version.replace('"', "")
    assert tiny.closed == 1


def test_the_json_of_one_import(tiny: Fake, empty: Registry) -> None:
    outcome = empty(*HUB, "--json", "--dry-run")
    assert outcome.json["schema_version"] == 1
    assert outcome.json["total"] == 1
    found = outcome.json["result"]
    assert found.pop("diff").startswith("--- /dev/null\n+++ b/catalog/models/tiny-1m/model.yaml\n")
    assert found == {
        "id": "acme/Tiny-1M",
        "name": "tiny-1m",
        "version": "1.0.0",
        "decision": "new",
        "origin": "hf:acme/Tiny-1M at aaaaaaaaaa",
        "written": [f"catalog/{NAME}/model.yaml", f"catalog/{NAME}/versions/1.0.0.yaml"],
        "notes": [],
        "error": None,
        "dry_run": True,
        "commit": None,
        "branch": None,
    }


def test_a_dry_run_writes_nothing_and_shows_the_diff(tiny: Fake, empty: Registry) -> None:
    before = empty.files()
    outcome = empty(*HUB, "--dry-run")
    assert outcome.code == 0
    assert outcome.out.startswith(
        "tiny-1m@1.0.0: a new model, would be imported from hf:acme/Tiny-1M at aaaaaaaaaa\n--- /dev/null\n"
    )
    assert "+name: tiny-1m\n" in outcome.out
    assert empty.files() == before


def test_a_second_run_is_clean(tiny: Fake, empty: Registry) -> None:
    empty(*HUB)
    before = empty.files()
    outcome = empty(*HUB)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == "tiny-1m@1.0.0: up to date with hf:acme/Tiny-1M at aaaaaaaaaa\n"
    assert empty.files() == before
    assert result(empty, *HUB)["decision"] == "unchanged"


def test_a_second_run_is_clean_where_the_translation_proposes_a_selection(
    tiny: Fake, empty: Registry
) -> None:
    empty(*HUB)
    tiny.version["selection"] = {"exclude": ["README.md"]}
    assert result(empty, *HUB)["decision"] == "unchanged"


def test_another_commit_with_the_same_files_is_nothing(tiny: Fake, empty: Registry) -> None:
    empty(*HUB)
    tiny.revision = SECOND
    assert result(empty, *HUB)["decision"] == "unchanged"


@pytest.mark.parametrize(
    ("files", "facts", "number"),
    [
        ({"README.md": b"# Another card"}, {}, "1.0.1"),
        ({"model.safetensors": b"other weights"}, {}, "1.1.0"),
        ({"extra.gguf": b"more weights"}, {}, "1.1.0"),
        ({"config.json": b"{ }"}, {"format": "gguf"}, "1.1.0"),
        ({"config.json": b"{ }"}, {"fingerprint": {"architecture": "llama", "vocab_size": 9}}, "2.0.0"),
        ({"config.json": b"{ }"}, {"fingerprint": {"architecture": "qwen3", "vocab_size": 32000}}, "2.0.0"),
    ],
    ids=["card", "weights", "added weights", "format", "vocabulary", "architecture"],
)
def test_the_next_version_is_as_large_as_the_change(
    tiny: Fake, empty: Registry, files: dict[str, bytes], facts: dict[str, Any], number: str
) -> None:
    empty(*HUB)
    assert tiny.files is not None
    tiny.revision, tiny.files, tiny.version = SECOND, tiny.files | files, tiny.version | facts
    found = result(empty, *HUB)
    assert (found["decision"], found["version"]) == ("version", number)
    assert found["written"] == [f"catalog/{NAME}/versions/{number}.yaml"]
    assert "default_version: 1.0.0\n" in empty.read(f"{NAME}/model.yaml")
    assert result(empty, *HUB)["decision"] == "unchanged"


def test_the_changelog_says_what_changed(tiny: Fake, empty: Registry) -> None:
    empty(*HUB)
    tiny.revision = SECOND
    tiny.files = {"model.safetensors": b"w" * 20_000, "config.json": b"{}", "vocab.txt": b"a"}
    tiny.version["fingerprint"] = {"architecture": "llama", "vocab_size": 9}
    empty(*HUB)
    assert (
        empty.read(f"{NAME}/versions/2.0.0.yaml")
        .partition("source:")[0]
        .endswith(
            "changelog: |-\n"
            "  Imported from hf:acme/Tiny-1M at bbbbbbbbbb.\n"
            "  Added: vocab.txt (1 bytes).\n"
            "  Removed: README.md (8 bytes).\n"
            "  Changed: model.safetensors (7 bytes -> 20 kB).\n"
            "  Facts: fingerprint.vocab_size 32000 -> 9.\n"
        )
    )


def test_set_default_moves_the_default_version(tiny: Fake, empty: Registry) -> None:
    empty(*HUB)
    tiny.revision, tiny.files = SECOND, WEIGHTS | {"README.md": b"# New"}
    found = result(empty, *HUB, "--set-default")
    assert found["written"] == [f"catalog/{NAME}/versions/1.0.1.yaml", f"catalog/{NAME}/model.yaml"]
    assert "default_version: 1.0.1\n" in empty.read(f"{NAME}/model.yaml")


def test_hand_written_fields_and_comments_stay_and_differences_are_told(tiny: Fake, empty: Registry) -> None:
    empty.write(
        f"{NAME}/model.yaml",
        "# By hand.\nname: tiny-1m\narchitecture: llama\nparameter_count: 999   # counted\n"
        "context_length: 128000\nlicense_type: mit-license\ntags: [own]\n"
        "source: {type: huggingface, model_id: acme/tiny-1m}\n",
    )
    outcome = empty(*HUB)
    assert outcome.code == 0
    assert outcome.err == (
        "budmodel: tiny-1m: parameter_count: catalog says parameter_count 999, the source says 1000000; "
        "left as it is\n"
        "budmodel: tiny-1m: context_length: catalog says context_length 128000, the source says 4096; "
        "left as it is\n"
        "budmodel: tiny-1m: tags: the source also says tags chat; the catalog does not\n"
    )
    assert empty.read(f"{NAME}/model.yaml") == (
        "# By hand.\nname: tiny-1m\narchitecture: llama\nparameter_count: 999   # counted\n"
        "description: A tiny model.\n"
        "context_length: 128000\nlicense_type: mit-license\ntags: [own]\n"
        "source: {type: huggingface, model_id: acme/tiny-1m}\ndefault_version: 1.0.0\n"
    )


def test_absent_files_are_recorded_once_and_nothing_else(tiny: Fake, empty: Registry) -> None:
    empty(*HUB, "--dry-run")
    empty.write(
        f"{NAME}/model.yaml",
        "name: tiny-1m\narchitecture: llama\nparameter_count: 1000000\n"
        "source: {type: huggingface, model_id: acme/Tiny-1M}\ndefault_version: 1.0.0\n",
    )
    head = (
        "# From the team.\nversion: 1.0.0\nreleased: 2024-01-01T00:00:00Z   # a Monday\nchangelog: First.\n"
        f"source: {{type: huggingface, model_id: acme/Tiny-1M, revision: {'a' * 40}}}\nformat: gguf\n"
    )
    empty.write(f"{NAME}/versions/1.0.0.yaml", head)
    outcome = empty(*HUB)
    assert outcome.out.startswith("tiny-1m@1.0.0: the files of hf:acme/Tiny-1M at aaaaaaaaaa are recorded\n")
    assert outcome.err == (
        "budmodel: tiny-1m: format: tiny-1m@1.0.0 says format gguf, the source says safetensors; "
        "a released version is not changed\n"
    )
    version = empty.read(f"{NAME}/versions/1.0.0.yaml")
    assert version.startswith(f"{head}files:\n  - path: README.md\n")
    assert version.count("path:") == 3
    assert result(empty, *HUB)["decision"] == "unchanged"


def test_other_bytes_of_the_same_commit_are_refused(tiny: Fake, empty: Registry) -> None:
    empty(*HUB)
    before = empty.files()
    tiny.files = WEIGHTS | {"config.json": b"evil"}
    outcome = empty(*HUB)
    assert outcome.code == 4
    assert outcome.err == (
        "budmodel: hf:acme/Tiny-1M gives other bytes of config.json than tiny-1m@1.0.0 records for the same "
        "commit, which cannot be; run budmodel verify tiny-1m@1.0.0 and ask whoever runs the mirror\n"
    )
    assert empty.files() == before


def test_the_name_of_another_source_is_refused_with_a_proposal(world: World, registry: Registry) -> None:
    world.add(id="acme/LLaMA-3")
    before = registry.files()
    outcome = registry("import", "hf", "acme/LLaMA-3")
    assert outcome.code == 2
    assert outcome.err == (
        "budmodel: the name llama-3 is taken by a model from hf:meta-llama/Meta-Llama-3-8B, not from "
        "hf:acme/LLaMA-3; import it under another name, such as --name acme-llama-3\n"
    )
    assert registry.files() == before
    assert registry("import", "hf", "acme/LLaMA-3", "--name", "acme-llama-3").code == 0


def test_names_that_fold_alike_tombstones_and_api_models_are_refused(
    world: World, registry: Registry
) -> None:
    registry.write(
        "removed/gone.yaml", "name: gone\nreason: it leaked\nremoved: 2026-01-01T00:00:00Z\nby: sec\n"
    )
    for id_ in ("acme/LLaMA_3", "acme/gone", "acme/gpt-5"):
        world.add(id=id_)
    assert registry("import", "hf", "acme/LLaMA_3").err == (
        "budmodel: llama_3 would be mistaken for llama-3, which exists; import it under another name, such "
        "as --name acme-llama_3\n"
    )
    assert registry("import", "hf", "acme/gone").err == (
        "budmodel: the name gone is not used again: it was removed on 2026-01-01 (it leaked); import it "
        "under another name, such as --name acme-gone\n"
    )
    assert registry("import", "hf", "acme/gpt-5").err == (
        "budmodel: gpt-5 is reached through an API (source: api), so it has no files to import; import it "
        "under another name, such as --name acme-gpt-5\n"
    )


def test_a_known_hub_id_is_its_model_whatever_its_name(world: World, registry: Registry) -> None:
    world.add(id="meta-llama/Meta-Llama-3-8B", revision="d" * 40)
    found = result(registry, "import", "hf", "meta-llama/Meta-Llama-3-8B")
    assert (found["name"], found["version"]) == ("llama-3", "1.2.0")


@pytest.mark.parametrize(
    ("gone", "sentence"),
    [
        (
            ("parameter_count",),
            "the source of tiny-1m does not say its parameter count; state it with --parameter-count N",
        ),
        (
            ("architecture", "parameter_count"),
            "the source of tiny-1m does not say its architecture and parameter count; state it with "
            "--architecture A --parameter-count N",
        ),
    ],
)
def test_what_nobody_says_is_asked_for(
    tiny: Fake, empty: Registry, gone: tuple[str, ...], sentence: str
) -> None:
    for field in gone:
        del tiny.model[field]
    before = empty.files()
    outcome = empty(*HUB)
    assert (outcome.code, outcome.out, outcome.err) == (2, "", f"budmodel: {sentence}\n")
    assert empty.files() == before
    assert empty(*HUB, "--architecture", "llama", "--parameter-count", "1M").code == 0
    assert "parameter_count: 1000000\n" in empty.read(f"{NAME}/model.yaml")


def test_an_invalid_record_is_refused_whole(tiny: Fake, empty: Registry) -> None:
    tiny.model["context_length"] = -1
    before = empty.files()
    outcome = empty(*HUB)
    assert outcome.code == 2
    assert outcome.err.startswith("budmodel: 'tiny-1m' was not imported: context_length")
    assert empty.files() == before


def test_a_stated_version_is_used_checked_and_never_written_twice(tiny: Fake, empty: Registry) -> None:
    assert empty(*HUB, "--version", "1.0").err == (
        "budmodel: --version '1.0' is not a SemVer version; write 1.0.0\n"
    )
    assert result(empty, *HUB, "--version", "0.9.0")["version"] == "0.9.0"
    tiny.revision, tiny.files = SECOND, WEIGHTS | {"model.safetensors": b"other"}
    assert empty(*HUB, "--version", "0.9.0").err == (
        "budmodel: tiny-1m has a version 0.9.0 already, and released versions do not change; "
        "add another, or yank this one\n"
    )
    outcome = empty(*HUB, "--version", "0.9.1")
    assert outcome.code == 0
    assert outcome.err == (
        "budmodel: tiny-1m: version: what changed since 0.9.0 needs a minor version (0.10.0); 0.9.1 is too "
        "small a step\n"
    )


def test_bases_are_named_as_the_catalog_names_them(world: World, registry: Registry) -> None:
    fake = world.add()
    fake.model["base_models"] = [
        {"model": "hf:meta-llama/meta-llama-3-8b", "relation": "finetune", "revision": "e" * 40},
        {"model": "hf:acme/unknown", "relation": "merge"},
    ]
    assert registry(*HUB).code == 0
    assert registry.read(f"{NAME}/model.yaml").partition("base_models:\n")[2] == (
        "  - model: llama-3\n    relation: finetune\n  - model: hf:acme/unknown\n    relation: merge\n"
    )


def test_results_are_a_file_of_their_own_and_not_added_twice(tiny: Fake, empty: Registry) -> None:
    row = {
        "benchmark": "mmlu",
        "metric": "acc",
        "value": 0.5,
        "unit": "fraction",
        "source": "https://example.org",
        "origin": "maker",
    }
    tiny.results = (row,)
    path = result(empty, *HUB)["written"][2]
    assert path.startswith(f"catalog/{NAME}/benchmarks/1.0.0/2025-07-01-model-index-")
    assert "benchmark: mmlu\n" in empty.read(path.removeprefix("catalog/"))
    tiny.revision, tiny.files, tiny.results = SECOND, WEIGHTS | {"README.md": b"2"}, (row, row | {"value": 1})
    written = result(empty, *HUB)["written"]
    assert [p.rpartition("/")[0] for p in written] == [
        f"catalog/{NAME}/versions",
        f"catalog/{NAME}/benchmarks/1.0.1",
    ]
    assert empty.read(written[1].removeprefix("catalog/")).count("benchmark: mmlu") == 1


def test_recorded_selections_hold_for_the_next_version(tiny: Fake, empty: Registry) -> None:
    empty(*HUB, "--exclude", "README.md")
    assert "selection:\n  exclude: [README.md]\n" in empty.read(f"{NAME}/versions/1.0.0.yaml")
    tiny.revision, tiny.files = SECOND, WEIGHTS | {"README.md": b"new card"}
    assert result(empty, *HUB)["decision"] == "unchanged"
    assert tiny.stated is not None
    assert tiny.stated.exclude == ("README.md",)
    assert result(empty, *HUB, "--include", "*.safetensors")["version"] == "1.0.1"
    assert empty.read(f"{NAME}/versions/1.0.1.yaml").count("path:") == 1


def test_unknown_digests_leave_files_empty_and_say_why(tiny: Fake, empty: Registry) -> None:
    tiny.digests, tiny.sizes = False, {"model.safetensors": 17 << 20}
    outcome = empty(*HUB)
    assert outcome.code == 0
    assert outcome.err == (
        "budmodel: tiny-1m: files: the source gives no SHA-256 of 1 file (model.safetensors), so files stays "
        "empty and the gate says files-missing\n"
    )
    assert "files:" not in empty.read(f"{NAME}/versions/1.0.0.yaml")
    assert tiny.hashed == []
    assert result(empty, *HUB)["decision"] == "unchanged"
    tiny.digests = True
    assert result(empty, *HUB)["decision"] == "filled"


def test_files_without_sizes_are_a_gap_and_not_an_error(tiny: Fake, empty: Registry) -> None:
    tiny.files = None
    assert [note["message"] for note in result(empty, *HUB)["notes"]] == [
        "the source did not say the sizes of its files, so files stays empty and the gate says files-missing"
    ]


def test_credentials_and_escapes_from_upstream_reach_nothing(tiny: Fake, empty: Registry) -> None:
    token = "hf_" + "x" * 34
    tiny.model["description"] = f"Use {token} to load it."
    tiny.notes = (Note(kind="guess", field="tags", message=f"a\x1b[2J {token}\nb"),) * 3
    outcome = empty(*HUB)
    assert outcome.code == 0
    assert outcome.err == "budmodel: tiny-1m: tags: a\N{REPLACEMENT CHARACTER}[2J [redacted] b\n"
    assert token.encode() not in b"".join(empty.files().values())
    assert "description: Use [redacted] to load it.\n" in empty.read(f"{NAME}/model.yaml")


def test_notes_without_end_are_cut(tiny: Fake, empty: Registry) -> None:
    tiny.notes = tuple(Note(kind="information", field="x", message=f"{i} {'x' * 900}") for i in range(400))
    notes = result(empty, *HUB)["notes"]
    assert len(notes) == 51
    assert notes[-1]["message"] == "350 more notes are not shown"
    assert max(len(note["message"]) for note in notes) == 400


def test_an_unchanged_model_tells_only_what_contradicts(tiny: Fake, empty: Registry) -> None:
    empty(*HUB)
    tiny.notes = (
        Note(kind="guess", field="tags", message="guessed"),
        Note(kind="disagreement", field="license_type", message="the LICENSE file says otherwise"),
    )
    assert [note["message"] for note in result(empty, *HUB)["notes"]] == ["the LICENSE file says otherwise"]


def _without_files(registry: Registry, selection: str = "") -> None:
    registry.write(
        f"{NAME}/model.yaml",
        "name: tiny-1m\narchitecture: llama\nparameter_count: 1000000\n"
        "source: {type: huggingface, model_id: acme/Tiny-1M}\n",
    )
    registry.write(
        f"{NAME}/versions/1.0.0.yaml",
        "version: 1.0.0\nreleased: 2024-01-01T00:00:00Z\n"
        f"source: {{type: huggingface, model_id: acme/Tiny-1M, revision: {'a' * 40}}}\n{selection}",
    )


@pytest.mark.parametrize(
    ("selection", "arguments", "decision", "count"),
    [
        ("", (), "filled", 3),
        ("", ("--exclude", "*.md"), "filled", 2),
        ("selection: {exclude: [README.md]}\n", (), "filled", 2),
        ("selection: {exclude: [README.md]}\n", ("--exclude", "README.md"), "filled", 2),
        ("selection: {exclude: [README.md]}\n", ("--exclude", "*.json"), "version", 2),
    ],
)
def test_a_fill_takes_what_the_record_selects_or_the_user_says(
    tiny: Fake, empty: Registry, selection: str, arguments: tuple[str, ...], decision: str, count: int
) -> None:
    _without_files(empty, selection)
    tiny.version["selection"] = {"exclude": ["config.json"]} if not arguments and not selection else {}
    found = result(empty, *HUB, *arguments)
    assert found["decision"] == decision
    assert empty.read(f"{NAME}/versions/{found['version']}.yaml").count("path:") == count


@pytest.mark.parametrize("name", ["..", "../x", "a/b", "index", "A", "x.yaml", "-x", "con"])
def test_no_name_leads_out_of_its_place(tiny: Fake, empty: Registry, name: str) -> None:
    before = empty.files()
    outcome = empty(*HUB, f"--name={name}")
    assert (outcome.code, outcome.out) == (2, "")
    assert empty.files() == before


def test_a_fingerprint_of_another_architecture_than_the_model_s_is_a_major_step(
    tiny: Fake, empty: Registry
) -> None:
    _without_files(empty)
    tiny.revision, tiny.model["architecture"] = SECOND, "qwen3"
    assert result(empty, *HUB)["version"] == "2.0.0"
    assert "Facts: architecture llama -> qwen3." in empty.read(f"{NAME}/versions/2.0.0.yaml")
    assert "architecture: llama\n" in empty.read(f"{NAME}/model.yaml")
