"""``budmodel set`` and ``budmodel edit``: what is not changed stays byte for byte."""

from __future__ import annotations

import stat

import pytest

from cli.small_catalog import MODEL, Registry


def test_set_keeps_every_other_byte(registry: Registry) -> None:
    outcome = registry("set", "llama-3", "parameter_count=8B", "tags+=chat", "description=a: b # c")
    assert outcome.out == "wrote catalog/models/llama-3/model.yaml\n"
    assert registry.read("models/llama-3/model.yaml") == (
        MODEL.replace("8030261248", "8000000000")
        .replace("[llm, base]", "[llm, base, chat]")
        .replace("Pretrained 8B model.", '"a: b # c"')
    )


def test_set_nested_and_deletes(registry: Registry) -> None:
    assert registry("set", "llama-3", "license_restrictions.commercial_use=false", "tags-=base").code == 0
    assert registry("set", "llama-3", "aliases.staging=1.1.0", "annotations.acme.com/cost=4711").code == 0
    assert registry("set", "llama-3", "description=", "owners=null").code == 0
    model = registry("show", "llama-3", "--json").json["result"]["model"]
    assert model["license_restrictions"] == {"commercial_use": False}
    assert model["aliases"] == {"production": "1.0.0", "staging": "1.1.0"}
    assert model["annotations"] == {"acme.com/cost": "4711"}
    assert model["tags"] == ["llm"]
    assert "description" not in model
    assert "owners" not in model


def test_set_nothing_to_change(registry: Registry) -> None:
    before = registry.files()
    outcome = registry("set", "llama-3", "architecture=llama", "tags+=llm")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "budmodel: nothing to change\n")
    assert registry.files() == before


def test_set_dry_run_is_a_diff(registry: Registry) -> None:
    before = registry.files()
    outcome = registry("set", "llama-3", "status=archived", "--dry-run")
    assert "-status: active\n+status: archived\n" in outcome.out
    assert outcome.out.startswith(
        "--- a/catalog/models/llama-3/model.yaml\n+++ b/catalog/models/llama-3/model.yaml\n"
    )
    assert registry.files() == before


def test_set_from_merges(registry: Registry) -> None:
    path = registry.root / "x.json"
    path.write_text(
        '{"name": "llama-3", "requirements": {"min_gpu_memory_gb": 17}, "contact": null, "tags": ["a"]}'
    )
    assert registry("set", "llama-3", "--from", str(path)).code == 0
    text = registry.read("models/llama-3/model.yaml")
    assert text.startswith(MODEL.split("tags:")[0])
    assert "min_gpu_memory_gb: 17\n" in text
    path.write_text("{storage_path: s3://b/x}")
    assert registry("set", "llama-3", "--from", str(path)).err == (
        "budmodel: storage_path belongs to a version; "
        "write budmodel version add llama-3 VERSION --storage-path URI\n"
    )


@pytest.mark.parametrize(
    ("assignment", "sentence"),
    [
        ("licence_type=MIT", "no field 'licence_type'; did you mean license_type?"),
        ("requirements.min_gpu=1", None),
        ("name=other", "a name cannot be changed, since other records refer to it; "
                       "add the model under its new "
                       "name and remove this one with --successor"),
        ("status", "'status' is no assignment; write field=value"),
        ("=x", "a field is missing before the equals sign; write field=value"),
        ("status+=x", "status is not a list; write status=value"),
        ("parameter_count=1e308", "catalog/models/llama-3/model.yaml would be invalid: "
         "catalog/models/llama-3/model.yaml:5:1: parameter_count must be a whole number, not 1e+308; "
         "write plain digits, such as 8000000000"),
        ("parameter_count=-0", None),
        ("parameter_count=many", "parameter_count: 'many' is not a number; write 8B, 1.5B or 8000000000"),
        ("description=a\x1bb", "description: control character U+001B; remove it"),
        ("tags=[a", None),
        ("default_version=1.10", None),
        ("owners.0.x=1", None),
        ("requirements.min_gpu_memory_gb=.inf", None),
    ],
)  # fmt: skip
def test_set_refuses(registry: Registry, assignment: str, sentence: str | None) -> None:
    before = registry.files()
    outcome = registry("set", "llama-3", assignment)
    assert outcome.code == 2
    if sentence is not None:
        assert outcome.err == f"budmodel: {sentence}\n"
    assert registry.files() == before


def editor(registry: Registry, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    file = registry.root / "my editor"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("VISUAL", f"'{file}' --wait")


def test_edit_writes_what_the_editor_leaves(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    editor(registry, monkeypatch, "sed -i 's/status: active/status: archived/' \"$2\"")
    assert registry("edit", "llama-3").out == "wrote catalog/models/llama-3/model.yaml\n"
    assert registry.read("models/llama-3/model.yaml") == MODEL.replace("status: active", "status: archived")


def test_edit_keeps_the_text_where_it_is_invalid(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    editor(registry, monkeypatch, "sed -i 's/status: active/status: gone/' \"$2\"")
    outcome = registry("edit", "llama-3")
    assert outcome.code == 2
    kept = outcome.err.rpartition("your text is kept in ")[2].strip()
    with open(kept) as stream:
        assert "status: gone" in stream.read()
    assert registry.read("models/llama-3/model.yaml") == MODEL


def test_edit_without_or_with_a_bad_editor(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    assert registry("edit", "llama-3").err == (
        "budmodel: no editor is set; set VISUAL or EDITOR, or use budmodel set NAME field=value\n"
    )
    monkeypatch.setenv("EDITOR", "/absent/vi")
    assert registry("edit", "llama-3").err == (
        "budmodel: cannot start the editor '/absent/vi': No such file or directory; set VISUAL or EDITOR\n"
    )
    monkeypatch.setenv("EDITOR", "false")
    assert registry("edit", "llama-3").err == (
        "budmodel: the editor 'false' left with exit code 1; nothing was written\n"
    )
    monkeypatch.setenv("EDITOR", "true")
    assert registry("edit", "llama-3").err == "budmodel: nothing to change\n"


def test_a_change_meanwhile_is_a_conflict(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    editor(
        registry,
        monkeypatch,
        "echo 'contact: me' >> \"$2\"; echo '# other' >> catalog/models/llama-3/model.yaml",
    )
    monkeypatch.chdir(registry.root)
    outcome = registry("edit", "llama-3")
    assert outcome.code == 2
    said, _, kept = outcome.err.rpartition(" Your text is kept in ")
    assert said == (
        "budmodel: catalog/models/llama-3/model.yaml changed while you edited it; run the command again."
    )
    with open(kept.strip().removesuffix(".")) as stream:
        assert stream.read() == MODEL + "contact: me\n"
    assert registry.read("models/llama-3/model.yaml") == MODEL + "# other\n"
