"""What to write where a value is not what its type asks: one sentence with an example each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any

from budmodel.findings import FieldPath
from budmodel.schema import values
from budmodel.schema.territories import TERRITORY_PATTERN

WELL_FORMED: Mapping[str, str] = MappingProxyType(
    {
        values.NAME_PATTERN: (
            "write lower-case letters and digits, with single . _ - between them, such as llama-3.1-70b"
        ),
        values.BRANCH_PATTERN: "write the name of a branch, such as main",
        values.SEMVER_PATTERN: "write 1.0.0, or another version of three numbers",
        values.SHA256_PATTERN: "write the 64 lower-case hex digits of the SHA-256",
        values.COMMIT_PATTERN: "write the 40 lower-case hex digits of the commit",
        values.HUB_ID_PATTERN: "write org/name, such as meta-llama/Llama-3.1-70B-Instruct",
        values.TIMESTAMP_PATTERN: "write a time in UTC, such as 2026-11-01T00:00:00Z",
        values.DATE_PATTERN: "write a date, such as 2026-11-01",
        values.DATE_OR_TIME_PATTERN: (
            "write a date such as 2026-11-01, or a time in UTC such as 2026-11-01T00:00:00Z"
        ),
        values.LICENSE_PATTERN: "write a licence id such as Apache-2.0, or an expression over them",
        values.LICENSE_ID_PATTERN: "write one licence id, such as Apache-2.0",
        values.STORAGE_PATTERN: "write a location such as s3://bucket/my-model/1.0.0/",
        values.LINK_PATTERN: "write a link such as https://example.org/page",
        values.ANNOTATION_KEY_PATTERN: "write a key like example.org/cost-center",
        values.ARCHITECTURE_PATTERN: "write one word, such as llama or qwen3_moe",
        values.PARENT_PATTERN: "write NAME, NAME@1.0.0 or hf:org/name",
        values.LANGUAGE_PATTERN: "write a language tag, such as en or pt-BR",
        values.REVISION_PATTERN: "write the commit's 40 lower-case hex digits",
        values.ENGINE_VERSION_PATTERN: "write a version such as 0.5.3",
        values.RULE_PATTERN: "write a rule's name, such as scan-missing",
        values.TARGET_PATTERN: "write NAME@VERSION, such as my-model@1.0.0",
        values.ORGANISATION_PATTERN: "write the organisation alone, such as meta-llama",
        values.BUCKET_PATTERN: "write the bucket's name alone, such as my-bucket",
        values.HOST_PATTERN: "write the host alone, such as api.example.org",
        TERRITORY_PATTERN: "write an ISO 3166-1 code such as DE (GB, not UK), or EU",
    }
)
"""By the pattern that a text does not match."""

CHECKED: Mapping[str, str] = MappingProxyType(
    {
        "name_reserved": "choose another",
        "timestamp_invalid": "write a time in UTC, such as 2026-11-01T00:00:00Z",
        "date_invalid": "write a date, such as 2026-11-01",
        "uri_invalid": "write a location such as s3://bucket/my-model/1.0.0/",
        "uri_scheme": "write a location such as s3://bucket/my-model/1.0.0/",
        "uri_credentials": "take the user and the password out; readers bring their own",
        "uri_query": "take out ? or #, and what follows",
        "uri_dots": "write the path without . and ..",
        "uri_host": "write a location such as s3://bucket/my-model/1.0.0/",
        "link_invalid": "write a link such as https://example.org/page",
        "path_escapes": "write the path inside the artifact, such as weights/model.safetensors",
        "parameter_count_missing": "add parameter_count: and plain digits, such as 8000000000",
        "api_without_source": "remove api, or write source: {type: api}",
        "lifecycle": "write status: deprecated, or remove them",
        "active_parameters": "check both counts; active_parameter_count is what one token uses",
        "api_with_bytes": "remove files and storage_path, or say where the bytes are from",
        "denied_subject": "keep one of the two",
        "waiver_findings": "add findings: with the ids that the scan record lists",
        "scan_unbound": "remove the record; only a scanner writes a verdict",
        "scan_reason": "add reason: and one sentence",
        "scan_contradiction": "write status: FAILED, or remove the record",
    }
)
"""By the kind of error that a validator of ours raised."""

_SIZES = frozenset(["size", "bytes_seen", "bytes_total", "window_bytes", "overlap_bytes"])
_UNITS = {
    "": 1,
    **{f"{unit}{end}": 1000**power for power, unit in enumerate("KMGT", 1) for end in ("", "B")},
    **{f"{unit}IB": 1024**power for power, unit in enumerate("KMGT", 1)},
    "B": 1,
}
_MEASURED = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)\Z")
_SCIENTIFIC = re.compile(r"[0-9]+(?:\.[0-9]+)?[eE]\+?[0-9]{1,2}\Z")
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+\Z")
_WORDS = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}
_LONGEST = 40
"""Longer texts are no numbers that somebody wrote."""


def whole_number(value: object, path: FieldPath) -> str:
    """What to write for a whole number: its digits where one can tell which number is meant."""
    meant = _meant(value, path[-1] if path else "")
    return f"write {meant}" if meant is not None else "write plain digits, such as 8000000000"


def number(value: object, path: FieldPath) -> str:
    """What to write for a number that may have a fraction."""
    field = str(path[-1]) if path else ""
    if isinstance(value, str) and len(value) <= _LONGEST:
        match = _MEASURED.match(value.strip())
        if match is not None and match[2].upper() in ("", *(["G", "GB"] if field.endswith("_gb") else [])):
            return f"write {match[1]}"
    return "write a plain number, such as 80"


def _meant(value: object, field: str | int) -> int | None:
    if isinstance(value, float):
        return int(value) if value.is_integer() and 0 <= value < 1e18 else None
    if not isinstance(value, str) or len(value) > _LONGEST:
        return None
    text = value.strip()
    if field in _SIZES:
        match = _MEASURED.match(text)
        scale = _UNITS.get(match[2].upper()) if match is not None else None
        return _whole(Decimal(match[1]) * scale) if match is not None and scale is not None else None
    if _THOUSANDS.match(text):
        text = text.replace(",", "")
    if _SCIENTIFIC.match(text):
        return _whole(Decimal(text))
    try:
        return values.parse_count(text)
    except ValueError:
        return None


def _whole(exact: Decimal) -> int | None:
    try:
        return int(exact) if exact == exact.to_integral_value() and exact < 10**18 else None
    except InvalidOperation:
        return None


def yes_or_no(value: object, others: tuple[str, ...] = ()) -> str:
    """What to write for true or false; ``yes`` is a word in YAML 1.2."""
    meant = _WORDS.get(value.casefold()) if isinstance(value, str) and len(value) <= 3 else None
    if meant is not None:
        return f"write {meant}"
    words = ["true", "false", *others]
    return f"write {', '.join(words[:-1])} or {words[-1]}"


def one_of(value: object, allowed: tuple[str, ...]) -> str:
    """What to write where only some words may stand."""
    if isinstance(value, str) and len(value) <= _LONGEST:
        import difflib

        near = difflib.get_close_matches(value.casefold(), allowed, n=1, cutoff=0.6)
        if near:
            return f"did you mean {near[0]}?"
    return f"write one of: {', '.join(allowed)}" if len(allowed) > 1 else f"write {', '.join(allowed)}"


def quoted_words(text: str) -> tuple[str, ...]:
    """The words in quotes of Pydantic's lists: ``'a', 'b' or 'c'``."""
    return tuple(re.findall(r"'([^']*)'", text))


def limits(kind: str, said: Mapping[str, Any]) -> str | None:
    """What to write where a number, a text or a list is too small or too large; None for other kinds."""
    if kind in ("string_too_short", "string_too_long"):
        most = said.get("max_length")
        return "write some text, or remove the key" if most is None else f"shorten it to {most} characters"
    if kind in ("too_short", "too_long"):
        most = said.get("max_length")
        return f"list at least {said.get('min_length')}" if most is None else f"list at most {most}"
    for key, words in (("ge", "of at least"), ("gt", "above"), ("le", "of at most"), ("lt", "below")):
        if key in said:
            limit = said[key]
            return f"write a number {words} {limit:.0f}" if limit == int(limit) else f"write {words} {limit}"
    return "write a number" if kind == "finite_number" else None
