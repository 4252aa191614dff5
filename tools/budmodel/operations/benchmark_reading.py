"""Reads a file of benchmark results, with limits, and finds the importer that knows it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from budmodel.domain.quoting import one_line, shown
from budmodel.errors import DataError, UsageError
from budmodel.importers.interface import MAX_BYTES, Importer, NotResultsError, Parsed
from budmodel.importers.registry import IMPORTERS

_TEXT = (".yaml", ".yml", ".md")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFile:
    """A file and what an importer found in it."""

    name: str
    """The file's own name, without its folders: they are nobody's business."""
    sha256: str
    importer: str
    parsed: Parsed


def read_results(path: str, tool: str | None = None) -> ReadFile:
    """What a file (for HELM: the folder of a run) holds.

    Args:
        path: where it is.
        tool: the importer's name, where the user says it; None tries all.

    Raises:
        UsageError: it cannot be read, is too large, or no importer knows it.
        DataError: it is damaged, or holds no results; the sentence says what it is.
    """
    where = shown(path)
    data, sha256 = _data(Path(path), where)
    for name in IMPORTERS if tool is None else (tool,):
        importer: Importer = import_module(IMPORTERS[name])
        if tool is None and not importer.recognises(data):
            continue
        try:
            parsed = importer.parse(data)
        except NotResultsError as error:
            raise DataError(f"{where}: {error}") from None
        except (RecursionError, MemoryError):
            raise DataError(f"{where}: it is nested too deeply to be read") from None
        return ReadFile(name=Path(path).name, sha256=sha256, importer=name, parsed=parsed)
    known = ", ".join(IMPORTERS)
    raise UsageError(
        f"{where}: no importer knows this file ({known}); name its tool with --tool if it is one"
    )


def _data(path: Path, where: str) -> tuple[Any, str]:
    if path.is_dir():
        spec, stats = path / "run_spec.json", path / "stats.json"
        if not (spec.is_file() and stats.is_file()):
            raise UsageError(
                f"{where} is a folder without run_spec.json and stats.json; name the file with the results"
            )
        raw = [_bytes(spec, where), _bytes(stats, where)]
        both = {"run_spec": _json(raw[0], where), "stats": _json(raw[1], where)}
        return both, hashlib.sha256(raw[1]).hexdigest()
    raw_file = _bytes(path, where)
    digest = hashlib.sha256(raw_file).hexdigest()
    if path.name == "stats.json" and (path.parent / "run_spec.json").is_file():
        spec_raw = _bytes(path.parent / "run_spec.json", where)
        return {"run_spec": _json(spec_raw, where), "stats": _json(raw_file, where)}, digest
    if path.suffix.casefold() in _TEXT:
        return _yaml(raw_file, where, card=path.suffix.casefold() == ".md"), digest
    if path.suffix.casefold() == ".jsonl":
        lines = (line for line in raw_file.split(b"\n") if line.strip())
        return [_json(line, f"{where}:{number}") for number, line in enumerate(lines, start=1)], digest
    return _json(raw_file, where), digest


def _bytes(path: Path, where: str) -> bytes:
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"cannot read {where}: {error.strerror}; check the path") from None
    if len(raw) > MAX_BYTES:
        raise UsageError(f"{where} has more than {MAX_BYTES >> 20} MiB; import its summary instead")
    return raw


def _json(raw: bytes, where: str) -> Any:
    try:
        return json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_pairs)
    except _DuplicateError as error:
        raise DataError(f"{where}: the key {one_line(error.key, 80)!r} stands in it twice") from None
    except UnicodeDecodeError:
        raise DataError(f"{where}: it is not UTF-8, so it is no JSON") from None
    except json.JSONDecodeError as error:
        raise DataError(f"{where}:{error.lineno}:{error.colno}: not JSON: {one_line(error.msg)}") from None
    except (RecursionError, ValueError):
        raise DataError(f"{where}: it is nested too deeply, or holds a number that is too long") from None


class _DuplicateError(Exception):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _pairs(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        # Of two values under one key a reader sees one or the other: neither can be trusted.
        if key in found and found[key] != value:
            raise _DuplicateError(key)
        found[key] = value
    return found


def _yaml(raw: bytes, where: str, *, card: bool) -> Any:
    from budmodel.sources.facts.card import parse_front_matter

    text = raw.decode("utf-8", "replace")
    if card:
        if not text.startswith("---\n"):
            raise DataError(f"{where}: it is Markdown without front matter, so it states no results")
        text = text[4:].partition("\n---")[0]
    try:
        return parse_front_matter(text)
    except ValueError as error:
        raise DataError(f"{where}: {one_line(str(error))}") from None
