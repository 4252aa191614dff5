"""Things in the catalog that are no files, or files where none belongs."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from hostile.kit import RELEASE, Case, artifacts, case, fifo, folder, link, model

S = "models/s/model.yaml"
GOOD = {S: model()}
NO_MODEL = "version-missing @:1:1 -"
WITH_VERSION = {S: model(default_version="1.0.0")}


def stranger(name: str, path: str, content: object, shown: str | None = None) -> Case:
    """Something beside the good model ``s`` that has no place."""
    return case(name, {**GOOD, path: content}, f"unknown-file {shown or path}:1:1 -")  # type: ignore[dict-item]


def listen(path: Path) -> None:
    """A socket. Its address is short, so it is made from inside the folder."""
    here = os.getcwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(path.name)
    finally:
        os.chdir(here)


def no_utf8(path: Path) -> None:
    """A file whose name is not UTF-8."""
    Path(os.fsdecode(bytes(path.parent) + b"/\xff.txt")).write_text("x")


def real_folder(path: Path) -> None:
    """A link to a folder with a model, outside the catalog."""
    outside = path.parents[2] / "outside"
    outside.mkdir()
    (outside / "model.yaml").write_text("secret: 1\n")
    path.symlink_to(outside)


CASES: tuple[Case, ...] = (
    case(
        "model.yaml is a folder",
        {f"{S}/x.txt": "x"},
        NO_MODEL,
        "unknown-file @:1:1 -",
        "unknown-file @/x.txt:1:1 -",
    ),
    stranger("versions is a file", "models/s/versions", "x"),
    case("models is a file", {"models": "x"}, "unknown-file models:1:1 -"),
    case("policy.yaml is a folder", {**GOOD, "policy.yaml": folder}, "unknown-file policy.yaml:1:1 -"),
    case("signers are a folder", {**GOOD, "allowed_signers/x": "x"}, "unknown-file allowed_signers/x:1:1 -"),
    stranger("a file among the models", "models/x", "x"),
    case("link to /etc/passwd", {S: link("/etc/passwd")}, NO_MODEL, "unknown-file @:1:1 -"),
    case(
        "link in the catalog",
        {**GOOD, "models/t/model.yaml": link("../s/model.yaml")},
        "unknown-file models/t/model.yaml:1:1 -",
        "version-missing models/t/model.yaml:1:1 -",
    ),
    stranger("link to a folder", "models/l", link("/tmp")),
    stranger("link to a folder with a model", "models/l", real_folder),
    stranger("dangling link", "models/s/dangling.yaml", link("nowhere")),
    stranger("link to itself", "licenses/loop.yaml", link("loop.yaml")),
    stranger("link for versions", "models/s/versions", link("../s")),
    case("link for models", {"models": real_folder}, "unknown-file models:1:1 -"),
    case(
        "link for the policy",
        {**GOOD, "policy.yaml": link("../policy.yaml")},
        "unknown-file policy.yaml:1:1 -",
    ),
    stranger("pipe", "models/s/versions/1.0.0.yaml", fifo),
    case("pipe for a model", {S: fifo}, NO_MODEL, "unknown-file @:1:1 -"),
    stranger("socket", "models/s/scans/1.0.0.yaml", listen),
    stranger("device link", "licenses/zero.yaml", link("/dev/zero")),
    stranger("README", "README.md", "x"),
    stranger("temporary file of an editor", "models/s/model.yaml~", "x"),
    stranger("another spelling of yaml", "models/s/versions/1.0.0.yml", "x"),
    stranger("Git's attributes", ".gitattributes", "* filter=evil\n"),
    stranger("a repository inside", "models/s/.git/config", "[core]\n"),
    stranger("a scan without a folder", "models/s/scans.yaml", "x"),
    stranger("too deep", "models/s/versions/old/1.0.0.yaml", "x"),
    stranger("newline in a name", "models/s/new\nline.txt", "x", "models/s/new\\nline.txt"),
    stranger("terminal escape in a name", "models/s/\x1b[31m.txt", "x", "models/s/\\x1b[31m.txt"),
    stranger("bidi override in a name", "models/s/\u202etxt.yaml", "x", "models/s/\\u202etxt.yaml"),
    stranger("not UTF-8 in a name", "models/s/x", no_utf8, "models/s/\\udcff.txt"),
    stranger("long name", f"models/s/{'n' * 251}.txt", "x"),
    case(
        "names that differ in case",
        {**GOOD, "models/S/model.yaml": model(name="S")},
        "name-collision @:1:1 name",
        "name-collision models/S/model.yaml:1:1 name",
        "schema-invalid models/S/model.yaml:1:1 name",
    ),
    case(
        "names that differ in punctuation",
        {f"models/{name}/model.yaml": model(name=name) for name in ("a-b", "a.b", "a_b")},
        *(f"name-collision models/{name}/model.yaml:1:1 name" for name in ("a-b", "a.b", "a_b")),
    ),
    *(
        case(
            f"version file {name}",
            {
                **WITH_VERSION,
                "models/s/versions/1.0.0.yaml": RELEASE,
                f"models/s/versions/{name}.yaml": f'version: "{name}"\nreleased: 2026-01-01T00:00:00Z\n',
            },
            f"schema-invalid models/s/versions/{name}.yaml:1:1 version",
            f"version-not-semver models/s/versions/{name}.yaml:1:1 -",
        )
        for name in ("1.0", "v1.0.0", "latest", "01.0.0", "1.0.0 ")
    ),
    case(
        "scan of a version that is not there",
        {**artifacts(), "models/v/scans/2.0.0.yaml": "name: v\nversion: 2.0.0\nstatus: SKIPPED\nreason: x\n"},
        "version-missing models/v/scans/2.0.0.yaml:1:1 -",
    ),
    case(
        "a folder without a model",
        {k: v for k, v in artifacts().items() if "model.yaml" not in k},
        "version-missing models/v/model.yaml:1:1 -",
    ),
)
