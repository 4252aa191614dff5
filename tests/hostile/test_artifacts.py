"""Every hostile input through all engines and a real clamd: none is PASSED, and clean ones are."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from budmodel.cli.main import run
from budmodel.domain.signers import SignerBook
from budmodel.operations.import_run import open_source
from budmodel.operations.scan_job import ScanOutcome, ScanSettings
from budmodel.operations.scan_places import place_of
from budmodel.operations.scan_reuse import SeenBefore
from budmodel.operations.scan_targets import Target
from budmodel.operations.scanning import ScanRun
from budmodel.operations.workspace import Workspace
from budmodel.scanners.inspector import Scanners
from budmodel.scanners.interface import ScanConfig
from budmodel.schema.governance import ScanPolicy
from hostile.artifacts import CORPUS, Hostile, harmless_pickle, torch_zip, weights
from scanners.clamd_server import Clamd, needs_clamd, running_clamd
from scanners.structure_files import gguf, onnx

pytestmark = needs_clamd
SHARED = Path(__file__).resolve().parents[3] / "shared"


@pytest.fixture(scope="module")
def clamd() -> Iterator[Clamd]:
    with running_clamd() as server:
        yield server


def registry(root: Path, files: Mapping[str, bytes]) -> Path:
    """A registry with one version that lists these files; and the folder with their bytes."""
    folder = root / "bytes"
    lines = []
    for name, content in sorted(files.items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        lines.append(f"  - {{path: {json.dumps(name)}, size: {len(content)}, sha256: {digest!r}}}\n")
    model = root / "catalog/models/tiny"
    (model / "versions").mkdir(parents=True)
    (model / "model.yaml").write_text(
        "name: tiny\narchitecture: llama\nlicense_type: MIT\nsource: {type: custom}\n"
        "default_version: 1.0.0\nowners: [a]\nparameter_count: 1\n"
    )
    (model / "versions/1.0.0.yaml").write_text(
        "version: 1.0.0\nreleased: 2026-01-01T00:00:00Z\nchangelog: A test.\nfiles:\n" + "".join(lines)
    )
    return folder


@pytest.fixture(scope="module")
def scanners(clamd: Clamd) -> Scanners:
    """The real engines with one clamd, which proves its limits once a minute and not once a case."""
    return Scanners(ScanConfig(policy=ScanPolicy(), clamd=(clamd.unix,)))


def scanned(root: Path, files: Mapping[str, bytes], scanners: Scanners) -> ScanOutcome:
    """What becomes of a version of these files."""
    folder = registry(root, files)
    here = Workspace(root, None)
    record = here.snapshot.model("tiny").version("1.0.0")
    assert record is not None
    place = place_of("tiny", record, open_source, folder=str(folder))
    seen = SeenBefore(policy=ScanPolicy(), signers=SignerBook.EMPTY, signing=False)
    run = ScanRun(here, scanners, seen, ScanSettings(policy=ScanPolicy(), jobs=2))
    (outcome,) = run.run([(Target(name="tiny", version="1.0.0"), record, place)])
    return outcome


@pytest.mark.parametrize("case", CORPUS, ids=[case.id for case in CORPUS])
def test_no_hostile_input_passes(case: Hostile, tmp_path: Path, scanners: Scanners) -> None:
    outcome = scanned(tmp_path, case.files(), scanners)
    assert outcome.status != "PASSED"
    assert outcome.status == case.status, outcome
    assert not (tmp_path / "evil.txt").exists()


def test_the_corpus_is_large_enough() -> None:
    assert len({case.id for case in CORPUS}) == len(CORPUS) >= 60


CLEAN: dict[str, dict[str, bytes]] = {
    "safetensors": {"model.safetensors": weights(), "config.json": b'{"model_type": "llama"}'},
    "gguf": {"model.gguf": gguf()},
    "onnx": {"model.onnx": onnx()},
    "pickle": {"model.pkl": harmless_pickle()},
    "pytorch": {"pytorch_model.bin": torch_zip(harmless_pickle(), more={"archive/data/0": b"\1\2\3\4" * 64})},
    "texts": {
        "README.md": b"# A model\n",
        "vocab.txt": "wörter\n".encode(),
        "merges.txt": b"a b\n",
        "tokenizer_config.json": b'{"chat_template": "{% for m in messages %}{{ m.content }}{% endfor %}"}',
        ".gitattributes": b"*.bin filter=lfs\n",
    },
    "empty-file": {"empty.txt": b"", "a.txt": b"a\n"},
    "custom-code": {
        "config.json": b'{"auto_map": {"AutoModel": "modeling_tiny.Tiny"}}',
        "modeling_tiny.py": b"class Tiny:\n    pass\n",
    },
    "five-thousand": {f"f{number}.txt": b"%d\n" % number for number in range(5000)},
}


@pytest.mark.parametrize("name", CLEAN)
def test_no_clean_input_fails(name: str, tmp_path: Path, scanners: Scanners) -> None:
    outcome = scanned(tmp_path, CLEAN[name], scanners)
    assert (outcome.status, outcome.error) == ("PASSED", None), outcome


def test_a_link_in_the_folder_is_not_followed(
    tmp_path: Path, clamd: Clamd, capsys: pytest.CaptureFixture[str]
) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_bytes(b"a\n")
    folder = registry(tmp_path / "r", {"a.txt": b"a\n"})
    (folder / "a.txt").unlink()
    (folder / "a.txt").symlink_to(outside)
    code = run(["-C", str(tmp_path / "r"), "scan", "tiny", "--path", str(folder), "--clamd", clamd.unix])
    assert code == 4
    assert "SCANNING" in (tmp_path / "r/catalog/models/tiny/scans/1.0.0.yaml").read_text()
