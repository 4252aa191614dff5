"""Which step a change needs, what a changelog says, and how a model's file is merged."""

from __future__ import annotations

from typing import Any

import pytest

from budmodel.domain.licensing import LicenseBook
from budmodel.operations.import_compare import (
    FilesDifference,
    changelog,
    compare_files,
    is_weights,
    needed_level,
    next_version,
)
from budmodel.operations.import_digests import selected
from budmodel.operations.import_merge import differences, fills
from budmodel.operations.import_texts import fetch_https
from budmodel.schema.license import License
from budmodel.schema.version import File


@pytest.mark.parametrize(
    ("newest", "level", "expected"),
    [
        ("1.2.3", "major", "2.0.0"),
        ("1.2.3", "minor", "1.3.0"),
        ("1.2.3", "patch", "1.2.4"),
        ("0.4.1", "major", "1.0.0"),
        ("2.0.0-rc.1", "patch", "2.0.1"),
        ("1.0.0+build", "minor", "1.1.0"),
    ],
)
def test_next_version(newest: str, level: Any, expected: str) -> None:
    assert next_version(newest, level) == expected


@pytest.mark.parametrize(
    ("path", "size", "expected"),
    [
        ("model.safetensors", 10, True),
        ("unet/model.ONNX", 10, True),
        ("tokenizer.json", 17 << 20, True),
        ("tokenizer.json", 9 << 20, False),
        ("README.md", 5, False),
    ],
)
def test_is_weights(path: str, size: int, expected: bool) -> None:
    assert is_weights(path, size) is expected


def test_files_are_compared_by_digest_and_absent_lists_say_nothing() -> None:
    old = [File(path=path, size=1, sha256=digest * 64) for path, digest in (("a", "1"), ("b", "2"))]
    new = [{"path": "b", "size": 1, "sha256": "3" * 64}, {"path": "c", "size": 2, "sha256": "4" * 64}]
    found = compare_files(old, new)
    assert (found.added, found.removed, found.changed) == ((("c", 2),), (("a", 1),), (("b", 1, 1),))
    assert not compare_files(None, new).known
    assert not compare_files(old, None).empty
    assert needed_level(compare_files(None, new), ()) == "minor"
    assert needed_level(FilesDifference(), ("fingerprint.vocab_size",)) == "major"
    assert needed_level(FilesDifference(), ("custom_code",)) == "minor"
    assert needed_level(FilesDifference(), ("fingerprint.context_length",)) == "minor"
    assert needed_level(FilesDifference(), ("fingerprint.hidden_size",)) == "major"
    assert needed_level(FilesDifference(), ()) == "patch"


def test_a_changelog_names_twenty_files_and_counts_the_rest() -> None:
    added = tuple((f"f{number:02}", 5_000_000_000) for number in range(30))
    text = changelog("Imported.", "1.0.0", FilesDifference(added=added), {})
    assert text.startswith("Imported.\nAdded: f00 (5 GB), f01 (5 GB), ")
    assert text.endswith(", f19 (5 GB), and 10 more.")
    unknown = changelog("Imported.", "1.0.0", FilesDifference(known=False), {})
    assert unknown.endswith(
        "Which files changed is not known, since 1.0.0 or this one does not list its files."
    )


def test_globs_are_the_hub_s() -> None:
    paths = ["a.bin", "original/a.pth", "original/deep/b.pth"]
    assert selected(paths, (), ["original/*"]) == ["a.bin"]
    assert selected(paths, ["original/"], ()) == paths[1:]
    assert selected(paths, ["*.pth"], ["*deep*"]) == ["original/a.pth"]


def test_only_empty_fields_are_filled() -> None:
    before = {"parameter_count": 1, "tags": [], "links": {"paper": "p"}, "gated": False}
    draft = {
        "parameter_count": 2,
        "parameter_count_origin": "safetensors",
        "active_parameter_count": 2,
        "tags": ["a"],
        "links": {"paper": "q", "homepage": "h"},
        "gated": True,
        "languages": ["en"],
        "status": "archived",
        "owners": ["them"],
    }
    assert fills(before, draft) == {
        ("tags",): ["a"],
        ("links", "homepage"): "h",
        ("languages",): ["en"],
    }


def test_two_spellings_of_a_licence_are_no_difference() -> None:
    book = LicenseBook.of([License(id="llama-3", name="Llama 3", aliases=["llama3"], source="read")])
    assert list(differences({"license_type": "LLAMA3"}, {"license_type": "llama-3"}, book)) == []
    found = list(differences({"license_type": "llama3"}, {"license_type": "mit"}, book))
    assert [note.message for note in found] == [
        "catalog says license_type llama3, the source says mit; left as it is"
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"architecture": "Llama"}, {"architecture": "llama"}),
        ({"source": {"type": "huggingface", "model_id": "A/b"}}, {"source": {"type": "custom"}}),
        ({"tags": ["a", "b"]}, {"tags": ["b"]}),
        (
            {"base_models": [{"model": "x@1.0.0", "relation": "merge"}]},
            {"base_models": [{"model": "x", "relation": "merge"}]},
        ),
        ({"modalities": {"input": ["text", "image"]}}, {"modalities": {"input": ["text"]}}),
    ],
)
def test_these_are_no_differences(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert list(differences(old, new)) == []


def test_licence_texts_are_fetched_over_https_alone() -> None:
    from budmodel.errors import OutsideError

    with pytest.raises(OutsideError, match="is not https"):
        fetch_https("http://127.0.0.1:9/text")
