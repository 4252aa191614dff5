"""ONNX graphs: where tensors' bytes lie outside the file, and which operators load code.

External data is read by the runtime from a path that the file states (CVE-2022-25882, CVE-2024-27318), so a
location must be a plain relative name of a file of the same version. Operators of other domains need a
library that whoever loads the model brings; they are told, and those that run code of the model's choice are
found.
"""

from __future__ import annotations

import posixpath
import re

from budmodel.domain.quoting import one_line, shown
from budmodel.scanners.interface import Found, Inspect, Severity, Subject
from budmodel.scanners.onnx_kinds import (
    CODE_DOMAINS,
    CODE_OPERATORS,
    ENTRY,
    FUNCTION,
    GRAPH,
    LOCATION_EXTERNAL,
    MODEL,
    NODE,
    OPERATORS,
    STANDARD,
    TENSOR,
)
from budmodel.scanners.protobuf_walk import Open, Values, walk
from budmodel.scanners.structure import Reader, StructureInspection, StructureScanner
from budmodel.scanners.window import Reading, StructureError, UndecidedError, Window

MAX_DOMAINS = 256
MAX_ENTRIES = 16
"""Entries of a tensor's external data: ONNX knows four."""
_DIGITS = re.compile(r"[0-9]{1,19}")


class OnnxScanner(StructureScanner):
    """The engine ``onnx``."""

    name = "onnx"

    def open(self, subject: Subject, inspect: Inspect) -> StructureInspection:
        return StructureInspection(self.name, subject, _Onnx(Window(subject.size), subject))


class _Onnx(Reader):
    def __init__(self, window: Window, subject: Subject) -> None:
        super().__init__(window)
        self._subject = subject
        self._domains: set[str] = set()
        self._graph = False
        self._versioned = False

    def read(self) -> Reading:
        yield from walk(self.window, MODEL, self._leave)

    def check_end(self, total: int) -> None:
        if not self._graph or not self._versioned:
            raise StructureError("graph", "the file has no graph or no ir_version, as every ONNX model has")
        custom = sorted(self._domains - STANDARD)
        if custom:
            names = one_line(", ".join(custom), 150)
            self.note(
                Found(
                    code="custom-operators",
                    detail=names,
                    severity="info",
                    message=f"the graph uses operators outside the ONNX standard: {names}",
                )
            )

    def _leave(self, message: Open, around: list[Open]) -> None:
        values = message.values
        if message.kind is ENTRY:
            entries = around[-1].children
            entries.append((message.number, values))
            if len(entries) > MAX_ENTRIES:
                raise StructureError(
                    "entries", "a tensor has more entries of external data than there are kinds"
                )
        elif message.kind is TENSOR:
            self._tensor(message)
        elif message.kind is NODE:
            self._node(values)
        elif message.kind is OPERATORS:
            self._domain(_text(values.get(1, b"")))
        elif message.kind is FUNCTION:
            self._domain(_text(values.get(10, b"")))
        elif message.kind is GRAPH and len(around) == 1:
            self._graph = True
        elif message.kind is MODEL:
            self._versioned = bool(values.get(1))

    def _node(self, values: Values) -> None:
        domain, operator = _text(values.get(7, b"")), _text(values.get(4, b""))
        self._domain(domain)
        if (domain, operator) in CODE_OPERATORS or operator == "PyOp":
            self._code(f"{domain}:{operator}", f"the operator {shown(operator)} of {shown(domain)} runs code")

    def _domain(self, domain: str) -> None:
        domain = shown(domain)
        if domain in self._domains:
            return
        self._domains.add(domain)
        if len(self._domains) > MAX_DOMAINS:
            raise UndecidedError("limit", f"operators come from more than {MAX_DOMAINS} domains")
        if domain in CODE_DOMAINS or domain.startswith(tuple(f"{code}." for code in CODE_DOMAINS)):
            self._code(
                domain, f"operators of {domain} come from a library that runs code which the graph names"
            )

    def _code(self, detail: str, message: str) -> None:
        self.note(
            Found(
                code="custom-code", detail=one_line(shown(detail)), severity="high", message=one_line(message)
            )
        )

    def _tensor(self, tensor: Open) -> None:
        external = tensor.values.get(14) == LOCATION_EXTERNAL
        locations = 0
        for _, entry in tensor.children:
            key, value = _text(entry.get(1, b"")), _text(entry.get(2, b""))
            if key == "location":
                locations += 1
                self._location(value)
            elif key in ("offset", "length") and not _DIGITS.fullmatch(value):
                self._outside(
                    value, f"external data has the {key} '{_quoted(value)}', which is no number of bytes"
                )
        if locations > 1 or (external and not locations):
            count = "no location" if not locations else f"{locations} locations"
            self._outside(count, f"a tensor's external data has {count}")

    def _location(self, location: str) -> None:
        quoted = _quoted(location)
        parts = location.split("/")
        if any(part in ("", ".", "..") for part in parts) or any(
            c in '\\:*?"<>|\ufffd' or not c.isprintable() for c in location
        ):
            self._outside(location, f"a tensor's bytes lie at '{quoted}', which is no plain relative name")
        elif self._subject.member:
            # Names in a container are no names of the version, so nobody here can say what is read.
            self.undecided = UndecidedError(
                "unsupported", f"'{quoted}' is outside a model within a container"
            )
        elif posixpath.join(posixpath.dirname(self._subject.path), location) not in self._subject.files:
            self._outside(
                location, f"a tensor's bytes lie in '{quoted}', which is no file of this version", "medium"
            )

    def _outside(self, detail: str, message: str, severity: Severity = "high") -> None:
        self.note(Found(code="external-data", detail=_quoted(detail), severity=severity, message=message))


def _text(value: bytes | int) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""


def _quoted(text: str) -> str:
    return one_line(shown(text), 100)
