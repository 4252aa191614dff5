"""The text of a model card, as Markdown. What the catalog holds is text in it, never markup."""

from __future__ import annotations

import re
from collections.abc import Iterator

from budmodel.domain.leaderboard_order import setting_text
from budmodel.domain.quoting import markdown_text
from budmodel.render.commands import fetch_commands
from budmodel.render.exports.catalog import Catalog
from budmodel.render.exports.items import Item, Release
from budmodel.render.terms import limits
from budmodel.schema.benchmark import Result
from budmodel.schema.license import License
from budmodel.schema.values import format_count

_blank_line = re.compile(r"\n[ \t]*\n+")
_begins_block = re.compile(r"(#|[-+=~]|\d+[.)])")
_backticks = re.compile(r"`+")
_ANSWERS = {
    "allow": "allowed by all licences that it stands under",
    "warn": "allowed under conditions, or not certain",
    "deny": "not allowed",
}


def card_text(catalog: Catalog, item: Item) -> str:
    """The card below its metadata, ending with a newline."""
    return "\n".join(_lines(catalog, item)).rstrip("\n") + "\n"


def _lines(catalog: Catalog, item: Item) -> Iterator[str]:
    release = item.chosen
    named = f"{item.name}@{release.version}" if release is not None else item.name
    yield f"# {markdown_text(item.name)}"
    yield ""
    yield f"Made from the record of {markdown_text(named)} in the registry {markdown_text(catalog.title)}."
    yield ""
    if release is not None and release.withdrawn:
        yield f"**Do not use this version: {markdown_text(release.withdrawn)}.**"
        yield ""
    yield from _paragraphs(item.model.description or "")
    yield from _table("Details", list(_details(item)))
    if release is None:
        return
    yield from _get(item, release)
    yield from _licence(catalog, item, release)
    yield from _scan(item, release)
    yield from _lineage(release)
    yield from _evaluation(release)
    if release.record.changelog:
        yield "## Changes"
        yield ""
        yield from _paragraphs(release.record.changelog)


def paragraph(text: str) -> str:
    """Free text as one paragraph: nothing at its start makes it a heading, a list or a rule."""
    safe = markdown_text(text)
    found = _begins_block.match(safe)
    # A backslash makes punctuation literal (CommonMark 0.31 §2.4); of a number it must stand before the dot.
    return f"{safe[: found.end() - 1]}\\{safe[found.end() - 1 :]}" if found is not None else safe


def _paragraphs(text: str) -> Iterator[str]:
    for part in _blank_line.split(text):
        if part.strip():
            yield paragraph(part)
            yield ""


def _table(title: str, rows: list[tuple[str, str]]) -> Iterator[str]:
    yield f"## {title}"
    yield ""
    yield "| What | Value |"
    yield "| --- | --- |"
    for name, value in rows:
        yield f"| {name} | {markdown_text(value)} |"
    yield ""


def _details(item: Item) -> Iterator[tuple[str, str]]:
    model, release = item.model, item.chosen
    yield "Architecture", model.architecture
    if model.parameter_count is not None:
        yield "Parameters", f"{format_count(model.parameter_count)} ({model.parameter_count:,})"
    if model.active_parameter_count is not None:
        yield "Active parameters", f"{format_count(model.active_parameter_count)}"
    if model.context_length is not None:
        yield "Context length", f"{model.context_length:,} tokens"
    if release is None:
        return
    record = release.record
    yield "Version", f"{record.version}, released {record.released[:10]}"
    for name, value in (("Format", record.format), ("Precision", record.precision)):
        if value is not None:
            yield name, value
    if record.quantization is not None:
        yield "Quantization", record.quantization.method
    if release.size is not None and record.files is not None:
        yield "Size", f"{release.size:,} bytes in {len(record.files)} files"
    if release.manifest is not None:
        yield "Manifest SHA-256", release.manifest


def _get(item: Item, release: Release) -> Iterator[str]:
    commands = () if release.withdrawn else fetch_commands(item.name, release.record)
    shown = [command for command in commands if command.isprintable()]
    if shown:
        longest = max((len(run) for command in shown for run in _backticks.findall(command)), default=0)
        fence = "`" * max(3, longest + 1)
        yield from ("## Get it", "", f"{fence}sh", *shown, fence, "")


def _licence(catalog: Catalog, item: Item, release: Release) -> Iterator[str]:
    yield "## Licence"
    yield ""
    if release.license_type is None:
        yield from ("No licence is recorded.", "")
        return
    found = catalog.resolve(release.license_type)
    records = [catalog.book.licenses[id_] for id_ in found.ids]
    yield f"- Licence: {markdown_text(release.license_type)}"
    for record in records:
        yield f"- {_link(record)}"
    yield f"- Commercial use: {_ANSWERS[catalog.commercial(item, release)]}"
    for limit in limits(records, item.model.license_restrictions):
        yield f"- Limit: {markdown_text(limit)}"
    for record in records:
        if isinstance(record.attribution, str):
            yield f"- Credit: {markdown_text(record.attribution)}"
        if record.naming:
            yield f"- Naming: {markdown_text(record.naming)}"
    yield ""


def _link(record: License) -> str:
    name = markdown_text(record.name)
    # In angle brackets a destination ends at the next one, which a link of the catalog cannot hold.
    return f"[{name}](<{record.url}>)" if record.url is not None and "\\" not in record.url else name


def _scan(item: Item, release: Release) -> Iterator[str]:
    yield "## Malware scan"
    yield ""
    when = f" on {release.state.finished[:10]}" if release.state.finished is not None else ""
    yield f"- State: {markdown_text(release.state.label)}{when}"
    if release.evidence is not None:
        engines = ", ".join(f"{engine.name} {engine.version}" for engine in release.evidence.record.engines)
        if engines:
            yield f"- Engines: {markdown_text(engines)}"
        yield f"- Signature of the record: {release.evidence.signature.kind}"
    for _, waiver in release.waivers:
        told = f"{', '.join(waiver.rules)} until {waiver.expires}: {waiver.reason}"
        yield f"- Waived: {markdown_text(told)}"
    yield ""


def _lineage(release: Release) -> Iterator[str]:
    if release.bases:
        yield from ("## Made of", "")
        for base in release.bases:
            yield f"- {markdown_text(base.model)} ({base.relation})"
        yield ""


def _evaluation(release: Release) -> Iterator[str]:
    if release.results:
        yield from ("## Results", "", "| Benchmark | Metric | Value | Settings | Origin | Source |")
        yield "| --- | --- | ---: | --- | --- | --- |"
        for _, result in release.results:
            yield f"| {' | '.join(_cells(result))} |"
        yield ""


def _cells(result: Result) -> Iterator[str]:
    settings = ", ".join(f"{key}={setting_text(value)}" for key, value in sorted(result.settings.items()))
    yield markdown_text(result.benchmark)
    yield markdown_text(f"{result.metric} ({result.unit})")
    yield f"{result.value:.12g}"
    yield markdown_text(settings)
    yield result.origin
    yield markdown_text(result.source or "")
