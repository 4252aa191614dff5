"""The licence: the card's keyword, the Hub's tag, and what the licence file says of itself."""

from __future__ import annotations

import hashlib
import re

from budmodel.domain.licensing import LicenseBook
from budmodel.schema.values import LICENSE_PATTERN
from budmodel.sources.facts.card import Card
from budmodel.sources.facts.documents import Documents
from budmodel.sources.facts.numbers import word, words
from budmodel.sources.facts.text import one_line, plain, slug

_FILE = re.compile(r"(?:LICEN[CS]E|COPYING)(?:[._-][A-Za-z0-9._-]{0,40})?\Z", re.IGNORECASE)
MAX_TEXT = 1 << 20
_HEAD = 600
"""Characters of a licence text in which its title stands."""
# Titles as the texts themselves have them, for licences whose record's name is worded differently.
TITLES = (
    ("Apache-2.0", r"Apache License\W+Version 2\.0"),
    ("MIT", r"\A\W*(The )?MIT License|Permission is hereby granted, free of charge"),
    ("BSD-3-Clause", r"BSD 3-Clause"), ("BSD-2-Clause", r"BSD 2-Clause"),
    ("AGPL-3.0-only", r"GNU AFFERO GENERAL PUBLIC LICENSE\W+Version 3"),
    ("GPL-3.0-only", r"GNU GENERAL PUBLIC LICENSE\W+Version 3"),
    ("LGPL-3.0-only", r"GNU LESSER GENERAL PUBLIC LICENSE\W+Version 3"),
    ("MPL-2.0", r"Mozilla Public License Version 2\.0"),
    ("CC-BY-NC-SA-4.0", r"Attribution-NonCommercial-ShareAlike 4\.0"),
    ("CC-BY-NC-ND-4.0", r"Attribution-NonCommercial-NoDerivatives 4\.0"),
    ("CC-BY-NC-4.0", r"Attribution-NonCommercial 4\.0"), ("CC-BY-SA-4.0", r"Attribution-ShareAlike 4\.0"),
    ("CC-BY-4.0", r"Attribution 4\.0 International"), ("CC0-1.0", r"CC0 1\.0 Universal"),
    ("llama-2-community", r"LLAMA 2 COMMUNITY LICENSE"),
    ("llama-3-community", r"META LLAMA 3 COMMUNITY LICENSE"),
    ("llama-3.1-community", r"LLAMA 3\.1 COMMUNITY LICENSE"),
    ("llama-3.2-community", r"LLAMA 3\.2 COMMUNITY LICENSE"),
    ("llama-3.3-community", r"LLAMA 3\.3 COMMUNITY LICENSE"),
    ("llama-4-community", r"LLAMA 4 COMMUNITY LICENSE"),
    ("gemma", r"Gemma Terms of Use"), ("qwen-research", r"Qwen RESEARCH LICENSE"),
    ("qwen-license", r"Qwen LICENSE AGREEMENT"),
    ("tongyi-qianwen", r"Tongyi Qianwen LICENSE"), ("nvidia-open-model", r"NVIDIA Open Model License"),
    ("stability-ai-community", r"STABILITY AI COMMUNITY LICENSE"),
    ("deepseek", r"DEEPSEEK LICENSE AGREEMENT"),
    ("lfm-1.0", r"LFM Open License v1\.0"), ("mistral-research", r"Mistral AI Research License"),
    ("kimi-k2-modified-mit", r"\A\W*Modified MIT License"),
)  # fmt: skip
_GNU = re.compile(r"-(only|or-later)\Z")


def license_of(documents: Documents, card: Card, book: LicenseBook | None) -> tuple[str | None, str | None]:
    """The licence (the record's id where the book knows it) and a link to its text."""
    notes = documents.notes
    said = _said(documents, card)
    tagged = [
        tag.removeprefix("license:")
        for tag in words(documents.listing.facts.get("tags"))
        if tag.startswith("license:")
    ]
    hub = tagged[0] if len(tagged) == 1 else None
    keywords = [keyword.lower() for keyword in words(card.data.get("license"))]
    if keywords and hub and hub.lower() not in keywords:
        notes.add("disagreement", "license_type", f"the card says {keywords[0]}, the Hub's tag says {hub}")
    found = _resolve(
        said if said is not None else (hub if hub not in ("other", "unknown", None) else None), book
    )
    identified, path = _identify(documents, book)
    if identified is not None:
        if found is None:
            notes.add("guess", "license_type", f"nothing states a licence; {path} reads like {identified}")
            found = identified
        elif not _same(found, identified, book):
            notes.add(
                "disagreement", "license_type", f"{found} is stated, but {path} reads like {identified}"
            )
    if found is None:
        notes.add(
            "missing", "license_type", "no licence is stated: --license is needed, or a look at the source"
        )
    elif book is not None and book.resolve(found).unknown:
        notes.add("information", "license_type", f"the catalog has no record of the licence {found}")
    return found, _link(documents, card)


def _said(documents: Documents, card: Card) -> str | None:
    keywords = [keyword for keyword in words(card.data.get("license")) if keyword.lower() != "unknown"]
    named = word(card.data.get("license_name"))
    kept = [named if keyword.lower() == "other" else keyword for keyword in keywords]
    terms = list(dict.fromkeys(keyword for keyword in kept if keyword))
    if any(keyword.lower() == "other" for keyword in keywords) and not named:
        documents.notes.add("missing", "license_type", "the card says 'other' and does not name the licence")
    if len(terms) > 1:
        documents.notes.add(
            "guess", "license_type", f"the card lists {len(terms)} licences; all of them are taken to hold"
        )
    return " AND ".join(_well_formed(term) for term in terms if _well_formed(term))[:256] or None


def _well_formed(text: str) -> str:
    """The text as a licence name: unchanged where it is one, else a slug of it."""
    line = one_line(text, 96)
    # A name with a blank would read as an expression; a name with + or . is fine.
    return line if re.match(LICENSE_PATTERN, line) and not re.search(r"[\s():]", line) else slug(line)


def _resolve(text: str | None, book: LicenseBook | None) -> str | None:
    if text is None:
        return None
    terms = [_well_formed(term) for term in text.split(" AND ")]
    if book is not None:
        known = [book.find(term) for term in terms]
        terms = [record.id if record else term for record, term in zip(known, terms, strict=True)]
    return " AND ".join(term for term in dict.fromkeys(terms) if term) or None


def stated_license(text: str, book: LicenseBook | None) -> str:
    """What the user stated; the record's id where it is an alias of one."""
    found = book.find(text) if book is not None else None
    return found.id if found else text


def known_text(documents: Documents, book: LicenseBook | None) -> str | None:
    """The SHA-256 of the licence file, where it is a text that the catalog has recorded, of whatever licence.

    A text that nobody knows is not told: each holder of a copyright makes another one of the same licence.
    """
    known = {text.sha256 for record in book.licenses.values() for text in record.texts} if book else set()
    for path in sorted(path for path in documents.paths if "/" not in path and _FILE.match(path)):
        raw = documents.whole(path, MAX_TEXT) if known else None
        digest = hashlib.sha256(raw).hexdigest() if raw is not None else None
        if digest in known:
            return digest
    return None


def _identify(documents: Documents, book: LicenseBook | None) -> tuple[str | None, str]:
    """The licence whose text or title a licence file has, and the file."""
    for path in sorted(path for path in documents.paths if "/" not in path and _FILE.match(path)):
        raw = documents.whole(path, MAX_TEXT)
        if raw is None:
            continue
        digest = hashlib.sha256(raw).hexdigest()
        if book is not None:
            for record in book.licenses.values():
                if any(text.sha256 == digest for text in record.texts or ()):
                    return record.id, path
        head = " ".join(plain(raw[: 4 * _HEAD].decode("utf-8", "replace"))[:_HEAD].split())
        for id_, title in TITLES:
            if re.search(title, head, re.IGNORECASE):
                return id_, path
    return None, ""


def _same(one: str, other: str, book: LicenseBook | None) -> bool:
    names = {_GNU.sub("", name).casefold() for name in one.split(" AND ")}
    wanted = {other}
    record = book.find(other) if book is not None else None
    if record is not None:
        wanted |= {record.id, *record.aliases}
    else:
        # Without records, the Hub's keywords stand for themselves: llama3.1 is llama-3.1-community.
        short = other.removesuffix("-community").replace("-", "")
        wanted |= {short, f"{short}-community"}
    return any(
        _GNU.sub("", name).casefold() in names or name.replace("-", "").casefold() in names for name in wanted
    )


def _link(documents: Documents, card: Card) -> str | None:
    link = word(card.data.get("license_link"), most=2000)
    if link is None or re.match(r"https?://[^\s<>\"]+\Z", link):
        return link
    source = documents.listing.source
    path = link.removeprefix("./")
    if documents.listing.kind == "huggingface" and path in documents.paths and re.match(r"[\w.-]+\Z", path):
        return f"https://huggingface.co/{source['model_id']}/blob/{source.get('revision', 'main')}/{path}"
    return None
