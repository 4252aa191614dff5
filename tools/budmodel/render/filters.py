"""The Jinja environment of the generated pages, and how values look in them. Everything is escaped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from budmodel.domain.leaderboard_order import setting_text
from budmodel.schema.values import format_count

_HUB = "https://huggingface.co"
_PER_CENT = ("percent", "%")
_unseen = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_command = re.compile(r"(?<=: )budmodel [^;,]+")
_option = re.compile(r"(?<!\S)--?[a-z][a-z-]*")
_blank_line = re.compile(r"\n[ \t]*\n+")


def environment(templates: Path) -> Environment:
    """An environment over a folder of templates: autoescape on, unknown names are errors."""
    found = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        finalize=_shown,
    )
    found.filters.update(
        count=count,
        grouped=grouped,
        size=size,
        day=day,
        number=number,
        measure=measure,
        unit=unit_sign,
        setting=setting_text,
        safe_url=safe_url,
        link=link,
        hub=hub_url,
        urlpath=urlpath,
        paragraphs=paragraphs,
        plain=plain,
        short=short,
        advice=advice,
        shell=shell,
        source=source,
        summary=summary,
        plural=plural,
    )
    return found


def visible(text: str) -> str:
    """A text without controls, overrides of direction (Trojan Source, CVE-2021-42574) and lone surrogates.

    Records may not hold them, but Git's names, subjects and paths may: one of them would turn around what
    stands beside it.
    """
    return _unseen.sub("\N{REPLACEMENT CHARACTER}", text) if _unseen.search(text) else text


def _shown(value: object) -> object:
    """What a template writes; HTML stays HTML."""
    if not isinstance(value, str):
        return value
    return type(value)(visible(value))


def count(value: int | None) -> str:
    """A count in three digits: ``70.6B``; a dash where there is none."""
    return "–" if value is None else format_count(value)


def grouped(value: int) -> str:
    """A count with all its digits: ``70,553,706,496``."""
    return f"{value:,}"


def size(value: int) -> str:
    """Bytes in decimal units (10^9 bytes are a GB), as the records count memory."""
    for unit, scale in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if value >= scale:
            return f"{value / scale:.3g} {unit}" if value < 999.5 * scale else f"{value / scale:,.0f} {unit}"
    return f"{value} B"


def day(value: str | None) -> str:
    """The day of a date or time: ``2024-07-23``."""
    return "–" if not value else value[:10]


def number(value: float) -> str:
    """A measured value as it was recorded, without a trailing ``.0``."""
    text = repr(value) if abs(value) < 1e15 else f"{value:g}"
    return text.removesuffix(".0")


def measure(value: float, unit: str) -> str:
    """A measured value in the digits that people compare; the records and the API keep all of them.

    Shares have three decimals, per cents one, everything else about three digits.
    """
    size = abs(value)
    if size >= 1e15:
        return f"{value:g}"
    if unit == "fraction":
        places = 3
    elif unit in _PER_CENT:
        places = 1
    else:
        places = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3
    text = f"{value:,.{places}f}"
    return text if value == 0 or text.strip("-0.,") else f"{value:.1g}"


def unit_sign(unit: str) -> str:
    """A unit as it stands behind a value: nothing for a share of one, which is no unit that people say."""
    return "" if unit == "fraction" else "%" if unit in _PER_CENT else f" {unit}"


def safe_url(value: object) -> str:
    """An http(s) address; empty for anything else, so that ``javascript:`` never becomes a link."""
    text = str(value or "")
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return ""
    clean = all(char > " " and char not in "\"'<>\\`" for char in text)
    return text if parts.scheme in ("http", "https") and host and clean else ""


def link(value: object, label: object = None) -> Markup:
    """A link to a foreign page where the address is safe; else the address as text."""
    url = safe_url(value)
    text = escape(value if label is None else label)
    if not url:
        return text
    return Markup('<a href="{}" rel="noopener nofollow">{}</a>').format(url, text)


def source(value: object) -> Markup:
    """Where something was read: a short link where it is an address, else the words."""
    url = safe_url(value)
    if not url:
        return escape(value)
    parts = urlsplit(url)
    last = parts.path.rstrip("/").rpartition("/")[2]
    host = (parts.hostname or "").removeprefix("www.")
    between = "/…/" if parts.path.rstrip("/").count("/") > 1 else "/"
    return link(url, f"{host}{between}{last}".rstrip("/"))


def hub_url(model_id: str) -> str:
    """The page of a model on the Hugging Face Hub."""
    return f"{_HUB}/{quote(model_id.removeprefix('hf:'), safe='/')}"


def urlpath(value: str) -> str:
    """A value as one part of a path."""
    return quote(value, safe="+")


def paragraphs(text: str | None) -> Sequence[str]:
    """Plain text cut at its blank lines."""
    return [part.strip() for part in _blank_line.split((text or "").strip()) if part.strip()]


def short(digest: str | None, digits: int = 12) -> str:
    """The first digits of a digest or commit; a branch name stays as it is."""
    text = digest or ""
    return text[:digits] if len(text) in (40, 64) else text


def summary(text: str | None, length: int = 160) -> str:
    """The first words of a text, on one line."""
    line = " ".join((text or "").split())
    if len(line) <= length:
        return line
    return line[: length - 1].rsplit(" ", 1)[0].rstrip(",.;:") + "…"


def advice(text: str) -> Markup:
    """What mends a finding, as a sentence of its own: a command after a colon is set as one."""
    parts: list[Markup] = []
    end = 0
    for found in _command.finditer(text):
        command = Markup("<code>{}</code>").format(shell(found[0].rstrip()))
        parts += [escape(text[end : found.start()]), command]
        end = found.end()
    parts.append(escape(text[end:]))
    told = Markup("").join(parts)
    return told[:1].upper() + told[1:] if told[:1] not in "&<" else told


def shell(command: str) -> Markup:
    """A command whose options are not broken after their hyphens."""
    parts: list[Markup] = []
    end = 0
    for found in _option.finditer(command):
        option = Markup('<span class="bm-nowrap">{}</span>').format(found[0])
        parts += [escape(command[end : found.start()]), option]
        end = found.end()
    return Markup("").join([*parts, escape(command[end:])])


def plain(value: object) -> str:
    """A value of a record without the signs of a data format: ``name vllm min version 0.6.3``."""
    if value is None or value in ("", [], {}):
        return "not stated"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return number(value)
    if isinstance(value, dict):
        return " ".join(f"{str(key).replace('_', ' ')} {plain(one)}" for key, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(plain(one) for one in value)
    return str(value)


def plural(value: int, word: str, many: str | None = None) -> str:
    """A number with its noun: ``1 model``, ``2 models``."""
    return f"{value:,} {word if value == 1 else many or word + 's'}"
