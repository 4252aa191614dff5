"""Which files of a source a version takes: the user's globs, or one copy where the weights stand twice."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

from budmodel.sources.facts.documents import Documents
from budmodel.sources.facts.quantization import gguf_kinds
from budmodel.sources.interface import Stated

# In one folder, the same weights in other formats: pytorch_model*.bin beside model*.safetensors.
_TWINS = (
    "pytorch_model*.bin*", "diffusion_pytorch_model*.bin*", "model*.bin*", "tf_model*.h5*",
    "flax_model*.msgpack*",
    "diffusion_flax_model*.msgpack*", "rust_model.ot", "model.ckpt*", "adapter_model.bin",
)  # fmt: skip
_TORCH_TWINS = _TWINS[3:8]
_FOLDERS = ("original", "onnx", "openvino", "coreml", "tflite", "flax", "tf", "metal")
"""Folders at the root that hold the same weights for other runtimes."""
_VARIANT = re.compile(r"\.(fp16|bf16|fp32|non_ema|ema)(?=[.-])")
_WEIGHTS = (
    ".safetensors",
    ".bin",
    ".h5",
    ".msgpack",
    ".ot",
    ".pth",
    ".pt",
    ".ckpt",
    ".onnx",
    ".gguf",
    ".onnx_data",
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The files of a version and the globs that chose them."""

    paths: tuple[str, ...]
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def record(self) -> dict[str, list[str]]:
        """As the version's ``selection``; empty where every file is taken."""
        found = {"include": list(self.include), "exclude": list(self.exclude)}
        return {key: globs for key, globs in found.items() if globs}


def takes(path: str, include: Sequence[str], exclude: Sequence[str]) -> bool:
    """Whether globs take it. ``*`` crosses ``/`` as on the Hub, ``**/`` may be empty; ``a/`` is ``a/*``."""
    return (not include or any(matches(path, glob) for glob in include)) and not any(
        matches(path, glob) for glob in exclude
    )


def matches(path: str, glob: str) -> bool:
    """Whether a single glob matches a whole path."""
    return any(fnmatchcase(path, form) for form in _forms(glob))


@lru_cache(maxsize=1024)
def _forms(glob: str) -> tuple[str, ...]:
    whole = f"{glob}*" if glob.endswith("/") else glob
    return (whole, whole.replace("**/", "")) if "**/" in whole else (whole,)


def choose(documents: Documents, stated: Stated) -> Chosen:
    """The files that the user asked for; else all but copies of the weights in other formats, with a note."""
    paths = tuple(sorted(documents.paths))
    if stated.include or stated.exclude:
        taken = tuple(path for path in paths if takes(path, stated.include, stated.exclude))
        if not taken:
            documents.notes.add("missing", "selection", "the globs take none of the files")
        return Chosen(taken, stated.include, stated.exclude)
    exclude = _copies(paths)
    _say_gguf(documents, paths)
    if not exclude:
        return Chosen(paths)
    left = [path for path in paths if not takes(path, (), exclude)]
    size = sum(documents.sizes.get(path, 0) for path in left)
    amount = f" ({size} bytes)" if size else ""
    documents.notes.add(
        "choice",
        "selection",
        f"the weights stand more than once; left out are {len(left)} files{amount}: {', '.join(exclude)}. "
        "State --include or --exclude to choose otherwise",
    )
    return Chosen(tuple(path for path in paths if path not in set(left)), exclude=exclude)


def _copies(paths: tuple[str, ...]) -> tuple[str, ...]:
    """Globs of files that hold the same weights as others that stay."""
    folders: Mapping[str, list[str]] = _by_folder(paths)
    exclude: list[str] = []
    for folder, names in folders.items():
        prefix = f"{folder}/" if folder else ""
        kept = [
            name for name in names if name.endswith(".safetensors") and not name.startswith("consolidated")
        ]
        if kept:
            twins: tuple[str, ...] = _TWINS
        elif any(name.startswith(("pytorch_model", "diffusion_pytorch_model")) for name in names):
            twins = _TORCH_TWINS
        else:
            twins = ()
        exclude += [prefix + glob for glob in twins if any(fnmatchcase(name, glob) for name in names)]
        if kept and any(name.startswith("consolidated") for name in names):
            exclude.append(f"{prefix}consolidated*")
        exclude += [prefix + glob for glob in _variants(names)]
    exclude += _beside_the_root(paths, folders)
    return tuple(dict.fromkeys(exclude))


def _beside_the_root(paths: tuple[str, ...], folders: Mapping[str, list[str]]) -> list[str]:
    exclude: list[str] = []
    root = folders.get("", [])
    main = any(name.endswith(".safetensors") and not _adapter(name) for name in root)
    torch = any(fnmatchcase(name, "pytorch_model*.bin") for name in root)
    if main or torch:
        held = {path.split("/")[0] for path in paths if "/" in path and path.endswith(_WEIGHTS)}
        exclude += [f"{folder}/*" for folder in _FOLDERS if folder in held]
    if main and any(name.endswith(".gguf") for name in root):
        exclude.append("*.gguf")
    inner = any(path.endswith((".safetensors", ".bin")) and "/" in path for path in paths)
    if "model_index.json" in root and inner:
        # Single-file checkpoints beside a pipeline in folders.
        exclude += [name for name in root if name.endswith((".ckpt", ".safetensors"))]
    return exclude


def _adapter(name: str) -> bool:
    return name.startswith("adapter_model")


def _variants(names: list[str]) -> list[str]:
    """Globs of variants (``model.fp16.safetensors``) of files that are there without one."""
    plain = {name for name in names if not _VARIANT.search(name)}
    found = []
    for name in names:
        match = _VARIANT.search(name)
        if match and _VARIANT.sub("", name) in plain:
            found.append(f"*.{match[1]}.*")
    return list(dict.fromkeys(found))


def _by_folder(paths: tuple[str, ...]) -> Mapping[str, list[str]]:
    folders: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        if path.endswith((*_WEIGHTS, ".index.json", "model_index.json")) or "model.ckpt" in path:
            folder, _, name = path.rpartition("/")
            folders[folder].append(name)
    return folders


def _say_gguf(documents: Documents, paths: tuple[str, ...]) -> None:
    kinds = gguf_kinds(paths)
    if len(kinds) > 1:
        documents.notes.add(
            "choice", "selection", f"{len(kinds)} GGUF quantizations, all kept: {', '.join(kinds)}. "
            f"State --include '*{kinds[0].upper()}*' to take one"
        )  # fmt: skip
