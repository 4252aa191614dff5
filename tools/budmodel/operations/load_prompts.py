"""The prompts of a load: the set that comes along, or the user's own file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from budmodel.domain.quoting import shown
from budmodel.errors import UsageError
from budmodel.operations.import_files import digest

BUILTIN = "builtin"
MAX_FILE = 16 << 20
"""Largest file of prompts in bytes."""
MAX_PROMPT = 1 << 20
"""Longest prompt in characters."""


@dataclass(frozen=True, slots=True)
class Prompts:
    """Prompts in the order in which they are sent, again and again where there are more requests."""

    dataset: str
    """Name and digest, such as ``builtin-1a2b3c4d``: what makes two runs alike is the texts, not the name."""
    texts: tuple[str, ...]


def read_prompts(source: str) -> Prompts:
    """``builtin``, or a file: one prompt on a line; JSON Lines (strings, or objects with ``prompt``) where
    its name ends with ``.jsonl``.

    Raises:
        UsageError: it cannot be read, or holds no prompt.
    """
    if source == BUILTIN:
        name, raw = BUILTIN, files("budmodel.operations").joinpath("prompts.txt").read_bytes()
    else:
        name, raw = _name(source), _read(source)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{shown(source)}: not UTF-8; write the prompts as UTF-8, one on a line") from None
    lines = [line.strip() for line in text.split("\n")]
    if source.endswith(".jsonl"):
        texts = [_from_json(source, number, line) for number, line in enumerate(lines, 1) if line]
    else:
        texts = [line for line in lines if line and not line.startswith("#")]
    if not texts:
        raise UsageError(f"{shown(source)}: it holds no prompt; write one on each line")
    if any(len(one) > MAX_PROMPT for one in texts):
        raise UsageError(f"{shown(source)}: a prompt is longer than {MAX_PROMPT} characters; shorten it")
    return Prompts(f"{name}-{digest(texts)[:8]}", tuple(texts))


def _name(source: str) -> str:
    """The file's own name as a part of a record, without its folders."""
    stem = Path(source).name.partition(".")[0]
    return "".join(c if c.isalnum() and c.isascii() else "-" for c in stem)[:60].strip("-") or "prompts"


def _read(source: str) -> bytes:
    try:
        with Path(source).open("rb") as stream:
            raw = stream.read(MAX_FILE + 1)
    except OSError as error:
        raise UsageError(
            f"cannot read {shown(source)}: {error.strerror}; name a file of prompts, or {BUILTIN}"
        ) from None
    if len(raw) > MAX_FILE:
        raise UsageError(f"{shown(source)}: larger than {MAX_FILE >> 20} MiB; name fewer prompts")
    return raw


def _from_json(source: str, number: int, line: str) -> str:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        value = None
    text = value.get("prompt") if isinstance(value, dict) else value
    # Half of a surrogate pair is no character, and could not be sent.
    if not isinstance(text, str) or not text.strip() or any("\ud800" <= c <= "\udfff" for c in text):
        raise UsageError(f'{shown(source)}:{number}: no prompt; write a string or {{"prompt": "…"}}')
    return text
