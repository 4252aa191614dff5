"""Commands on model pages: what the shell gets is what the record says, and they follow one on the other."""

from __future__ import annotations

import shlex
from pathlib import Path

from budmodel.render.commands import fetch_commands, steps
from budmodel.schema.version import Version
from render.html_reader import read_html
from render.site_catalog import build, make_catalog, model, put

FILE = {"path": "model.safetensors", "size": 3, "sha256": "a" * 64}


def version(**more: object) -> Version:
    source = {"type": "huggingface", "model_id": "org/m", "revision": "b" * 40}
    record = {"version": "1.0.0", "released": "2026-01-01T00:00:00Z", "source": source, "files": [FILE]}
    return Version.model_validate({**record, **more})


def test_files_that_are_fetched_are_checked_and_served_from_the_same_folder() -> None:
    engines = [{"name": "vllm"}, {"name": "sglang"}, {"name": "of-our-own"}]
    found = [command for _, command in steps("m", version(engines=engines))]
    assert found == [
        "budmodel show m",
        "budmodel deploy-check m@1.0.0 --use commercial",
        f"hf download org/m --revision {'b' * 40} --local-dir m/",
        "budmodel verify m@1.0.0 --path m/",
        "vllm serve ./m/",
        "python -m sglang.launch_server --model-path ./m/",
    ]


def test_nothing_is_fetched_of_a_withdrawn_version_or_without_one() -> None:
    yanked = version(yanked={"reason": "x", "on": "2026-01-01T00:00:00Z"})
    assert [command for _, command in steps("m", yanked)] == ["budmodel show m"]
    assert [command for _, command in steps("m", None)] == ["budmodel show m"]


def test_a_copy_from_nowhere_is_checked_where_it_is() -> None:
    found = [
        command for _, command in steps("m", version(source={"type": "local"}, engines=[{"name": "vllm"}]))
    ]
    assert found[-1] == "budmodel verify m@1.0.0 --path DIR"


def test_the_same_files_come_from_a_bucket_as_the_version_takes() -> None:
    chosen = {"include": ["*.safetensors", "a b"], "exclude": ["original/*"]}
    record = version(source={"type": "s3", "uri": "s3://bucket/m/"}, selection=chosen)
    (command,) = fetch_commands("m", record)
    filters = ["--exclude", "*", "--include", "*.safetensors", "--include", "a b", "--exclude", "original/*"]
    assert shlex.split(command) == ["aws", "s3", "sync", "s3://bucket/m/", "m/", *filters]


def test_the_page_says_which_licence_must_be_accepted_first(tmp_path: Path) -> None:
    make_catalog(tmp_path)
    put(tmp_path, "policy.yaml", {"licenses": {"acknowledgment": ["llama-3.1-community"]}})
    model(tmp_path, "child", base_models=[{"model": "unscanned", "relation": "finetune"}])
    site = build(tmp_path, tmp_path / "site").output
    for name, wanted in (("unscanned", True), ("child", True), ("passed", False)):
        text = read_html(site / "models" / name / "index.html").text
        assert ("somebody must accept llama-3.1-community" in text) is wanted, name
