"""File formats as scanning knows them, and which engines a file of each needs before it may pass.

The scanners decide by content which format a file has; the scan record states it; the gate asks here
whether every engine that the format needs has seen every byte. The numbers of formats are open: policy may
demand more engines, refuse more formats, or accept ClamAV alone for formats that nobody else reads.
"""

from __future__ import annotations

from collections.abc import Mapping

from budmodel.schema.governance import ScanPolicy

ENGINES = ("clamav", "content", "safetensors", "gguf", "onnx", "pickle", "archive")
"""Every engine by its name in scan records. ``content`` decides the format and reads text and code."""

_ALWAYS = ("clamav", "content")

ENGINES_OF: Mapping[str, tuple[str, ...]] = {
    # Weights.
    "safetensors": (*_ALWAYS, "safetensors"),
    "gguf": (*_ALWAYS, "gguf"),
    "onnx": (*_ALWAYS, "onnx"),
    "pickle": (*_ALWAYS, "pickle"),  # .pkl, legacy torch.save, joblib without compression
    "numpy": (*_ALWAYS, "pickle"),  # .npy: flat numbers, or a pickle for object arrays
    "pytorch": (*_ALWAYS, "archive", "pickle"),  # the zip of torch.save
    "torchscript": (*_ALWAYS, "archive", "pickle"),  # the same zip with code in it; also .pt2
    "keras": (*_ALWAYS, "archive"),  # .keras: a zip with config.json
    "hdf5": _ALWAYS,
    "savedmodel": _ALWAYS,  # TensorFlow's saved_model.pb
    # Containers.
    "zip": (*_ALWAYS, "archive"),  # also .npz
    "tar": (*_ALWAYS, "archive"),
    "compressed": (*_ALWAYS, "archive"),  # one stream of gzip, bzip2, xz, zlib or zstd
    # Data that loads nothing.
    "json": _ALWAYS,
    "text": _ALWAYS,  # UTF-8 without control characters: cards, vocabularies, YAML, templates
    "python": _ALWAYS,  # source code, which runs under trust_remote_code
    "image": _ALWAYS,
    "audio": _ALWAYS,
    "sentencepiece": _ALWAYS,
    "parquet": _ALWAYS,
    "empty": _ALWAYS,
    # What nobody here can read.
    "executable": _ALWAYS,  # ELF, PE, Mach-O, APE (llamafile), scripts with #!, class files
    "unknown": _ALWAYS,
}
"""Engines that must have seen a file of the format; a format that is not here is judged as ``unknown``."""

REFUSED = frozenset({"hdf5", "torchscript", "savedmodel", "executable"})
"""Formats that can run code when they are loaded and that no engine here can clear: a finding."""

UNCLEARED = frozenset({"unknown"})
"""Formats of which ClamAV alone knows something; policy's ``clamav_suffices`` must name them."""


def required_engines(format_name: str, policy: ScanPolicy) -> tuple[str, ...]:
    """The engines that a file of a format needs, the policy's own demands included; no name twice."""
    built_in = ENGINES_OF.get(format_name, ENGINES_OF["unknown"])
    return tuple(dict.fromkeys((*built_in, *policy.engines.get(format_name, ()))))


def refused(format_name: str, policy: ScanPolicy) -> bool:
    """Whether files of a format may not be in the catalog, whatever they hold.

    A team lifts a built-in refusal by naming the format under ``clamav_suffices``; ``refused_formats`` wins.
    """
    if format_name in policy.refused_formats:
        return True
    return format_name in REFUSED and format_name not in policy.clamav_suffices


def uncleared(format_name: str, policy: ScanPolicy) -> bool:
    """Whether no engine can clear files of a format, so that a scan of them is never PASSED."""
    known = format_name in ENGINES_OF and format_name not in UNCLEARED
    return not known and format_name not in policy.clamav_suffices
