"""The static JSON API (DESIGN §7): the GETs of the registry as files.

Bodies hold facts of the catalog and nothing of the commit or the clock, so that a change rewrites only the
files of what it touches. Fields without a value are left out; field order is that of the records.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from budmodel.domain.leaderboard import Board, Leaderboard, LeftOut
from budmodel.render.facts import ModelFacts, VersionFacts
from budmodel.render.output import Output
from budmodel.schema.governance import Policy
from budmodel.schema.license import License

SCHEMA_VERSION = 1
INDEX = "api/index.json"
Data = dict[str, Any]
_unseen = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def body(result: Any) -> bytes:
    """A result in its envelope, as UTF-8 with a newline at its end."""
    total = len(result) if isinstance(result, list) else 1
    envelope = {"schema_version": SCHEMA_VERSION, "total": total, "result": result}
    text = json.dumps(envelope, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return _legible(text).encode("utf-8") + b"\n"


def _legible(text: str) -> str:
    """JSON whose controls and overrides of direction are escapes: the same to programs, and seen by people.

    No valid record holds them, but the text of one that is refused stands in ``deploy.json`` as it is.
    """
    if text.isascii() and "\x7f" not in text:
        return text
    return _unseen.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def plain(record: BaseModel) -> Data:
    """A record as data without empty fields; whole numbers without a decimal point, as people write them."""
    data: Data = _tidy(record.model_dump(mode="json", exclude_none=True))
    return data


def _tidy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _tidy(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_tidy(inner) for inner in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


def _present(data: Data) -> Data:
    return {key: value for key, value in data.items() if value is not None}


def model_item(facts: ModelFacts) -> Data:
    """A model in the list of all models."""
    model = facts.model
    return _present(
        {
            "name": facts.name,
            "architecture": model.architecture,
            "parameter_count": model.parameter_count,
            "license_type": facts.license.type,
            "tags": model.tags,
            "status": model.status,
            "default_version": facts.default_version,
            "source": plain(model.source) if model.source is not None else None,
            "description": model.description,
            "scan": scan_data(facts.default) if facts.default is not None else None,
        }
    )


def scan_data(facts: VersionFacts) -> Data:
    """The scan of a version: facts and dates. Whether a date has passed is for the reader to see."""
    return _present(
        {
            "state": facts.recorded.slug,
            "finished": facts.recorded.finished,
            "manifest_sha256": facts.manifest,
            "waivers": [
                {"rules": waiver.rules, "expires": waiver.expires, "reason": waiver.reason, "path": path}
                for path, waiver in facts.waivers
            ],
        }
    )


def version_data(facts: VersionFacts, *, files: bool) -> Data:
    """A version: its record, whether it is the default, and its scan."""
    record = plain(facts.record)
    if not files and "files" in record:
        record["files"] = len(record["files"])
    more = {"size": facts.size, "default": facts.is_default, "scan": scan_data(facts)}
    return _present({**record, **more})


def write_model(output: Output, facts: ModelFacts) -> None:
    """The files of one model."""
    oldest_first = facts.versions[::-1]
    item = plain(facts.model)
    if facts.default_version is not None:
        item["default_version"] = facts.default_version
    # Lists of files are long; they stand in versions.json, here is their number.
    item["versions"] = [version_data(version, files=False) for version in oldest_first]
    folder = f"api/models/{facts.name}"
    output.write(f"{folder}.json", body(item), listed=True)
    versions = [version_data(version, files=True) for version in oldest_first]
    output.write(f"{folder}/versions.json", body(versions), listed=True)
    output.write(f"{folder}/license.json", body(license_data(facts)), listed=True)
    evidence = [evidence_data(version) for version in oldest_first]
    output.write(f"{folder}/scan.json", body(evidence), listed=True)


def evidence_data(facts: VersionFacts) -> Data:
    """The evidence of a version: its scan record, who signed it, and until when policy believes it."""
    known = facts.evidence
    return _present(
        {
            "version": facts.version,
            "default": facts.is_default,
            **scan_data(facts),
            "believed_until": known.believed_until if known is not None else None,
            "signature": _present(asdict(known.signature)) if known is not None else None,
            "record": plain(known.record) if known is not None else None,
        }
    )


def write_policy(output: Output, policy: Policy) -> None:
    """The policy that judges, with its defaults."""
    output.write("api/policy.json", body(plain(policy)), listed=True)


def license_data(facts: ModelFacts) -> Data:
    """The licence of a model's default version, with the records that its name stands for."""
    terms = facts.license
    return _present(
        {
            "name": facts.name,
            "version": facts.default.version if facts.default is not None else None,
            "license_type": terms.type,
            "licenses": [plain(license_) for license_ in terms.licenses],
            "unknown": list(terms.unknown),
            "license_restrictions": plain(terms.restrictions) if terms.restrictions is not None else None,
        }
    )


def write_lists(output: Output, items: Sequence[Data], licenses: Iterable[License]) -> None:
    """The lists of all models and all licences."""
    output.write("api/models.json", body(list(items)), listed=True)
    output.write("api/licenses.json", body([plain(license_) for license_ in licenses]), listed=True)


def write_leaderboards(
    output: Output, whole: Leaderboard, by_architecture: Mapping[str, Leaderboard]
) -> None:
    """The leaderboard of all models, and one for each architecture."""
    output.write("api/models/leaderboard.json", body(leaderboard_data(whole)), listed=True)
    for architecture, board in by_architecture.items():
        path = f"api/models/leaderboard/architecture/{architecture}.json"
        output.write(path, body(leaderboard_data(board)), listed=True)


def leaderboard_data(ranked: Leaderboard) -> list[Data]:
    """The boards as data."""
    return [_board_data(board) for board in ranked.boards]


def _board_data(board: Board) -> Data:
    return {
        "benchmark": board.benchmark.id,
        "metric": board.metric_id,
        "unit": board.metric.unit,
        "direction": board.metric.direction,
        "groups": [
            {
                "conditions": dict(group.conditions),
                "rows": [
                    {
                        "rank": row.rank,
                        "name": row.candidate.name,
                        "version": row.candidate.version,
                        "architecture": row.candidate.architecture,
                        **_present({"parameter_count": row.candidate.parameter_count}),
                        **plain(row.candidate.result),
                    }
                    for row in group.rows
                ],
            }
            for group in board.groups
        ],
        "left_out": [_left_out_data(item) for item in board.left_out],
    }


def _left_out_data(item: LeftOut) -> Data:
    candidate = item.candidate
    return {
        "name": candidate.name,
        "version": candidate.version,
        "reason": item.reason,
        **plain(candidate.result),
    }


def copy_schemas(output: Output, schemas: Path) -> None:
    """The JSON Schemas of the catalog's files, as the repository has them."""
    for path in sorted(schemas.glob("*.schema.json")):
        if path.is_file() and not path.is_symlink():
            output.write(f"schemas/v1/{path.name}", path.read_bytes(), listed=True)


def write_index(output: Output, commit: str | None, commit_time: str | None) -> None:
    """The one file that depends on the commit: what everything was made from, and the digest of each file."""
    known = sorted(output.digests.items())
    files = [{"path": path, "sha256": digest, "size": size} for path, (digest, size) in known]
    result = _present({"commit": commit, "commit_time": commit_time, "files": files})
    output.write(INDEX, body(result))
