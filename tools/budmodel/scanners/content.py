"""The engine ``content``: what a file really is, whether its name says so, and what in its texts runs code.

It sees every byte. Texts must be text throughout; every other format is judged by its own engine, and this
one looks for a second file behind it, which other readers would open instead.
"""

from __future__ import annotations

import codecs
import struct
from typing import BinaryIO

from budmodel.domain.formats import refused, uncleared
from budmodel.domain.quoting import shown
from budmodel.scanners.content_json import judge_json, must_parse
from budmodel.scanners.interface import TAIL, Found, Inspect, Outcome, Severity, Subject, Verdict
from budmodel.scanners.pickle_probe import Probe
from budmodel.scanners.structure import MOST_FINDINGS, StructureScanner
from budmodel.scanners.templates import judge_template
from budmodel.schema.governance import ScanPolicy

WHOLE_MAX = 16 << 20
"""Bytes of a text that is parsed; those that must be parsed and are larger are not decided."""
_ZIPS = frozenset({"zip", "pytorch", "torchscript", "keras"})
_TEXTS = frozenset({"text", "json", "python"})
_CODE = frozenset({"pickle", "executable", "python", "tar", "compressed", "hdf5", "savedmodel", *_ZIPS})
"""Formats that can hold code: behind the name of another they are worse than a mistake."""
_PLAIN = frozenset({"text", "json", "python", "empty"})
_EXPECTED: dict[str, frozenset[str]] = {
    ".safetensors": frozenset({"safetensors"}),
    ".gguf": frozenset({"gguf"}),
    ".onnx": frozenset({"onnx"}),
    ".npy": frozenset({"numpy"}),
    ".npz": frozenset({"zip"}),
    ".pkl": frozenset({"pickle", "compressed", "pytorch", "zip"}),
    ".pickle": frozenset({"pickle", "compressed", "pytorch", "zip"}),
    ".joblib": frozenset({"pickle", "compressed"}),
    ".json": _PLAIN,
    ".py": _PLAIN,
    ".png": frozenset({"image"}),
    ".jpg": frozenset({"image"}),
    ".jpeg": frozenset({"image"}),
    ".gif": frozenset({"image"}),
    ".webp": frozenset({"image"}),
    ".parquet": frozenset({"parquet"}),
    ".zip": _ZIPS,
    ".tar": frozenset({"tar"}),
    ".gz": frozenset({"compressed"}),
    **dict.fromkeys((".txt", ".md", ".jinja", ".yaml", ".yml", ".csv", ".tsv", ".toml", ".cfg"), _PLAIN),
}
_TEMPLATES = (".jinja", ".jinja2", ".j2")


class ContentScanner(StructureScanner):
    """The engine ``content``."""

    name = "content"

    def __init__(self, config: object) -> None:
        super().__init__(config)
        self._policy: ScanPolicy = getattr(config, "policy", None) or ScanPolicy()
        formats = self._policy.refused_formats, self._policy.clamav_suffices
        self.told = [sorted(set(names)) for names in formats] if any(formats) else None

    def open(self, subject: Subject, inspect: Inspect) -> ContentInspection:
        """Begins with a file or member."""
        return ContentInspection(subject, self._policy)


class ContentInspection:
    """The engine at work on one file."""

    def __init__(self, subject: Subject, policy: ScanPolicy) -> None:
        self._subject, self._policy = subject, policy
        self._seen = 0
        self._tail = b""
        self._text: codecs.IncrementalDecoder | None = None
        self._whole: bytearray | None = None
        if subject.format in _TEXTS:
            self._text = codecs.getincrementaldecoder("utf-8")("strict")
            self._whole = bytearray()
        self._not_text = ""
        # The pickle engine reads those of the format pickle.
        self._probe = Probe() if subject.format != "pickle" else None

    def feed(self, piece: bytes) -> None:
        self._seen += len(piece)
        if self._probe is not None:
            self._probe.feed(piece)
        if len(piece) >= TAIL:
            self._tail = piece[-TAIL:]
        else:
            self._tail = (self._tail + piece)[-TAIL:]
        if self._whole is not None:
            self._whole += piece
            if len(self._whole) > WHOLE_MAX:
                self._whole = None
        if self._text is not None:
            self._check_text(piece)

    def _check_text(self, piece: bytes, final: bool = False) -> None:
        assert self._text is not None
        try:
            self._text.decode(piece, final)
        except UnicodeDecodeError:
            self._not_text = "it begins as text and goes on as something else"
        if b"\0" in piece:
            self._not_text = "it begins as text and goes on with zero bytes"
        if self._not_text:
            self._text = None

    def finish(self, spool: BinaryIO | None) -> Outcome:
        if self._text is not None:
            self._check_text(b"", final=True)
        subject = self._subject
        total = self._seen if subject.size is None else subject.size
        if total != self._seen:
            return self._said("error", f"{self._seen} of {total} bytes came by", (), total)
        found: list[Found] = []
        open_question = self._judge_format(found) or self._judge_as_pickle(found)
        if self._not_text:
            open_question = open_question or self._not_text
        elif subject.format in _TEXTS:
            open_question = self._judge_text(found) or open_question
        kept = tuple(dict.fromkeys(found))[:MOST_FINDINGS]
        if any(one.severity not in ("info", "low") for one in kept):
            return self._said("found", "", kept, total)
        if open_question:
            return self._said("unsupported", open_question, kept, total)
        return self._said("clean", "", kept, total)

    def close(self) -> None:
        self._whole = None

    def _said(self, verdict: Verdict, message: str, found: tuple[Found, ...], total: int) -> Outcome:
        return Outcome(
            engine="content",
            verdict=verdict,
            bytes_seen=self._seen,
            bytes_total=total,
            found=found,
            message=message,
        )

    def _judge_format(self, found: list[Found]) -> str:
        """Findings about the format itself; returns why it stays open, where it does."""
        subject = self._subject
        format_name = subject.format
        if refused(format_name, self._policy):
            found.append(
                Found(
                    code="refused-format",
                    detail=format_name,
                    severity="high",
                    message=f"files of the format {format_name} are refused: loading them can run code",
                )
            )
        dot = subject.name.lower().rfind(".")
        expected = _EXPECTED.get(subject.name.lower()[dot:]) if dot > 0 else None
        if expected is not None and format_name not in expected:
            severity: Severity = "high" if format_name in _CODE else "medium"
            found.append(
                Found(
                    code="misnamed",
                    detail=format_name,
                    severity=severity,
                    message=f"its name says {subject.name[dot:]}, its content is {format_name}",
                )
            )
        if format_name not in _ZIPS and _zip_ends_here(self._tail, self._seen):
            found.append(
                Found(
                    code="polyglot",
                    detail="zip",
                    severity="high",
                    message=f"a zip lies behind the {format_name}; other programs would open that instead",
                )
            )
        if uncleared(format_name, self._policy):
            return "nobody here can read this format; the policy's clamav_suffices may accept it"
        return ""

    def _judge_as_pickle(self, found: list[Found]) -> str:
        """A finding where loading the file as a pickle would call something; why that stays open, else."""
        if self._probe is None:
            return ""
        names = self._probe.finish()
        if names:
            found.append(
                Found(
                    code="polyglot",
                    detail="pickle",
                    severity="high",
                    message=f"loaded as a pickle, this {self._subject.format} calls {shown(names[0])[:150]}",
                )
            )
        return "as a pickle it goes on for longer than anybody follows it" if self._probe.endless else ""

    def _judge_text(self, found: list[Found]) -> str:
        subject, name = self._subject, self._subject.name.lower()
        template = name.endswith(_TEMPLATES)
        if subject.format == "python":
            found.append(
                Found(
                    code="custom-code",
                    detail=subject.name,
                    severity="low",
                    message="Python code; loading with trust_remote_code runs it",
                )
            )
            return ""
        if subject.format != "json" and not template:
            return ""
        if self._whole is None:
            judged = template or must_parse(name)
            return f"it is larger than {WHOLE_MAX} bytes, too large to be judged" if judged else ""
        raw = bytes(self._whole)
        if template:
            return _judge_source(raw, found)
        return judge_json(raw, subject, found)


def _judge_source(raw: bytes, found: list[Found]) -> str:
    source = raw.decode("utf-8-sig")
    judged = judge_template(source, "template")
    found += judged
    return ""


def _zip_ends_here(tail: bytes, size: int) -> bool:
    """Whether a zip's end record closes the file, so that readers of zips would find one in it."""
    at = tail.rfind(b"PK\x05\x06")
    while at >= 0:
        if len(tail) - at >= 22:
            entries, length, _, comment = struct.unpack_from("<HIIH", tail, at + 10)
            here = size - len(tail) + at
            start = at - length
            if length and start >= 0:
                # Readers look backwards for it; few of them mind what comes behind.
                there = tail[start : start + 4] == b"PK\x01\x02"
            elif length and length <= here:
                there = 46 * entries <= length < 131_072 * entries
            else:
                closes = at + 22 + comment == len(tail)
                there = closes and (entries == length == 0 or length == 0xFFFFFFFF or entries == 0xFFFF)
            if there:
                return True
        at = tail.rfind(b"PK\x05\x06", 0, at)
    return False
