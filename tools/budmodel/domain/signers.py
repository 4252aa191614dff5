"""``catalog/allowed_signers``: who may sign scan records, with which key, for what and when.

The file is OpenSSH's (ssh-keygen(1), ALLOWED SIGNERS), so that ``ssh-keygen -Y verify`` can use it. This
reads less than OpenSSH does (DESIGN §3): every line names its namespaces, and wildcards and certificate
authorities are refused, so that one can see at a glance who is trusted. A line that is not understood, or
not allowed, never trusts anybody and is a problem. Times without ``Z`` are UTC here, while OpenSSH takes
the zone of the machine: write the ``Z``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import ClassVar

from budmodel.domain.sshkeys import ALGORITHMS, PublicKey, read_public_line
from budmodel.domain.sshwire import WireError

NAMESPACE = "budmodel-scan"
"""What signatures of scan records are made for."""
BYTES_MAX, LINES_MAX, LINE_MAX = 1 << 20, 10_000, 16_384
_MOST_NAMES = 100
_time = re.compile(r"([0-9]{8})(?:([0-9]{4})([0-9]{2})?)?[Zz]?")
_option = re.compile(r'([A-Za-z-]+)(?:="([^"\\]*)")?(,|[ \t]+)')
_OPTIONS = {"namespaces": True, "valid-after": True, "valid-before": True, "cert-authority": False}
"""The options that OpenSSH knows, and whether they take a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineProblem:
    """A line that trusts nobody, and why."""

    line: int
    """1-based."""
    message: str
    """One sentence without its full stop: what is wrong and what to write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerLine:
    """A line that trusts."""

    line: int
    principals: tuple[str, ...]
    namespaces: tuple[str, ...]
    key: PublicKey
    valid_after: datetime | None = None
    """The first moment at which the key may sign."""
    valid_before: datetime | None = None
    """The last moment: as in OpenSSH, a signature of just that second still counts."""


class _LineError(ValueError):
    """What is wrong with a line."""


@dataclass(frozen=True, slots=True)
class SignerBook:
    """Who may sign."""

    EMPTY: ClassVar[SignerBook]
    """Nobody."""

    lines: tuple[SignerLine, ...] = ()
    problems: tuple[LineProblem, ...] = ()
    _by_key: dict[bytes, tuple[SignerLine, ...]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def parse(cls, raw: bytes) -> SignerBook:
        """Reads the file; what is wrong with it becomes problems, and nothing is raised."""
        if len(raw) > BYTES_MAX:
            return cls((), (LineProblem(line=1, message=f"the file has more than {BYTES_MAX} bytes"),))
        lines: list[SignerLine] = []
        problems: list[LineProblem] = []
        seen: dict[tuple[str, str, bytes], int] = {}
        # Only \n and \r\n end a line, as for OpenSSH; str.splitlines knows more ends.
        for number, text in enumerate(raw.split(b"\n"), start=1):
            if number > LINES_MAX:
                problems.append(LineProblem(line=number, message=f"only {LINES_MAX} lines are read"))
                break
            try:
                line = _line(number, text)
                if line is not None:
                    _first_of_its_kind(line, seen)
                    lines.append(line)
            except _LineError as error:
                problems.append(LineProblem(line=number, message=str(error)))
        by_key: dict[bytes, tuple[SignerLine, ...]] = {}
        for line in lines:
            by_key[line.key.blob] = (*by_key.get(line.key.blob, ()), line)
        return cls(tuple(lines), tuple(problems), by_key)

    def why_not(self, principal: str, key: PublicKey, at: datetime, namespace: str = NAMESPACE) -> str | None:
        """What keeps a signature from being trusted, as a part of a sentence; None where it is trusted.

        Args:
            principal: who is said to have signed.
            key: the key that signed.
            at: when, with its time zone.
            namespace: what for.
        """
        lines = self._by_key.get(key.blob, ())
        if not lines:
            return f"the key {key.fingerprint} is in no line of catalog/allowed_signers that trusts"
        lines = tuple(line for line in lines if principal in line.principals)
        if not lines:
            return f"the key {key.fingerprint} is not one of {principal[:100]!r} in catalog/allowed_signers"
        lines = tuple(line for line in lines if namespace in line.namespaces)
        if not lines:
            return f"the key {key.fingerprint} may not sign for the namespace {namespace!r}"
        reasons = [_why_not_then(line, at) for line in lines]
        return None if None in reasons else reasons[0]

    def principals(self, key: PublicKey, namespace: str = NAMESPACE) -> tuple[str, ...]:
        """Who may sign with a key at some time, in the order of the file."""
        lines = [line for line in self._by_key.get(key.blob, ()) if namespace in line.namespaces]
        return tuple(dict.fromkeys(name for line in lines for name in line.principals))

    def trusts_anybody(self, namespace: str = NAMESPACE) -> bool:
        """Whether any line trusts for the namespace."""
        return any(namespace in line.namespaces for line in self.lines)


SignerBook.EMPTY = SignerBook()


def _first_of_its_kind(line: SignerLine, seen: dict[tuple[str, str, bytes], int]) -> None:
    """One line says all about a principal and a key: removing it revokes, and its end is the end."""
    kinds = [(name, space, line.key.blob) for name in line.principals for space in line.namespaces]
    for kind in kinds:
        if kind in seen:
            raise _LineError(
                f"{kind[0]} has this key already in line {seen[kind]}, which alone counts; keep one of them"
            )
    seen.update(dict.fromkeys(kinds, line.line))


def _why_not_then(line: SignerLine, at: datetime) -> str | None:
    which = f"the key {line.key.fingerprint} of {', '.join(line.principals)[:100]}"
    if line.valid_after is not None and at < line.valid_after:
        return f"{which} was not valid before {_said(line.valid_after)}"
    if line.valid_before is not None and at > line.valid_before:
        return f"{which} was retired at {_said(line.valid_before)}"
    return None


def _said(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _line(number: int, raw: bytes) -> SignerLine | None:
    if len(raw) > LINE_MAX:
        raise _LineError(f"the line has more than {LINE_MAX} bytes")
    try:
        text = raw.decode("utf-8").strip(" \t\r")
    except UnicodeDecodeError:
        raise _LineError("the line is not UTF-8") from None
    if not text or text.startswith("#"):
        return None
    if not all(character.isprintable() or character == "\t" for character in text):
        raise _LineError("the line has characters that cannot be seen")
    names, rest = _principals(text)
    options, rest = _options(rest)
    if "cert-authority" in options:
        raise _LineError("cert-authority is not allowed here; name every key itself")
    if "namespaces" not in options:
        raise _LineError(f'write namespaces="{NAMESPACE}" before the key, so that it signs nothing else')
    try:
        key, _ = read_public_line(rest)
    except WireError as error:
        raise _LineError(str(error)) from None
    after, before = (_moment(name, options.get(name)) for name in ("valid-after", "valid-before"))
    if after is not None and before is not None and before <= after:
        raise _LineError("valid-before must be later than valid-after")
    return SignerLine(
        line=number,
        principals=names,
        namespaces=_names(options["namespaces"], "namespace"),
        key=key,
        valid_after=after,
        valid_before=before,
    )


def _principals(text: str) -> tuple[tuple[str, ...], str]:
    if text.startswith('"'):
        names, quote, rest = text[1:].partition('"')
        if not quote:
            raise _LineError("the quote around the principals does not end")
    else:
        names, rest = re.split(r"[ \t]", f"{text} ", maxsplit=1)
        if '"' in names:
            raise _LineError("quotes stand around all principals or nowhere")
    return _names(names, "principal"), rest.strip(" \t")


def _names(text: str, what: str) -> tuple[str, ...]:
    names = text.split(",")
    if len(names) > _MOST_NAMES:
        raise _LineError(f"a line names at most {_MOST_NAMES} {what}s")
    for name in names:
        if not name or name != name.strip():
            raise _LineError(f"a {what} is empty or has a space beside it; write them as a,b")
        if any(character in "*?!" for character in name):
            raise _LineError(f"wildcards and ! are not allowed; name every {what} itself")
    return tuple(dict.fromkeys(names))


def _options(text: str) -> tuple[dict[str, str], str]:
    """The options before the key by name, in lower case, and the key with what follows it."""
    options: dict[str, str] = {}
    if re.split(r"[ \t]", text, maxsplit=1)[0] in ALGORITHMS:
        return options, text
    at, more = 0, True
    while more:
        match = _option.match(text, at)
        if match is None:
            raise _LineError(
                "what stands before the key is not understood; see ssh-keygen(1), ALLOWED SIGNERS"
            )
        name = match[1].lower()
        if _OPTIONS.get(name) is not (match[2] is not None):
            raise _LineError(f"{match[1][:64]} is no option of a signer, or lacks its value in quotes")
        if name in options:
            raise _LineError(f"{name} stands twice")
        options[name] = match[2] or ""
        at, more = match.end(), match[3] == ","
    return options, text[at:]


def _moment(name: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    match = _time.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        return datetime.strptime(
            match[1] + (match[2] or "0000") + (match[3] or "00"), "%Y%m%d%H%M%S"
        ).replace(tzinfo=UTC)
    except ValueError:
        raise _LineError(f"{name} is no time; write it as 20261231Z or 202612312359Z") from None
