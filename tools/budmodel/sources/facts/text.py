"""Foreign text made fit for a record: plain, bounded, without characters that deceive a reader."""

from __future__ import annotations

import html
import re
import unicodedata

from budmodel.schema.values import NAME_MAX, reserved

# C0 and C1 controls, zero-width and bidirectional formatting (Trojan Source, CVE-2021-42574), separators,
# surrogates, byte-order marks, non-characters and the tag block.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufdd0-\ufdef"
    "\ufeff\ufff9-\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_SEPARATORS = re.compile(r"[._-]*([._-])[._-]*")
_OTHER = re.compile(r"[^a-z0-9._-]+")
_FENCE = re.compile(r"^(```|~~~)")
_TAG = re.compile(r"<[^<>]{0,2000}>")
_COMMENT = re.compile(r"<!--.*?(-->|\Z)|<(script|style)\b.*?(</\2\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_IMAGE = re.compile(r"!\[[^\]\n]{0,500}\]\([^)\n]{0,2000}\)")
_LINK = re.compile(r"\[([^\]\n]{0,500})\]\([^)\n]{0,2000}\)")
_EMPHASIS = re.compile(r"(\*\*|__|\*|`+|~~)(?=\S)([^*`~\n]{1,400}?)\1")
_NOT_PROSE = re.compile(r"^\s*(#|\||>|[-*+]\s|\d+[.)]\s|=|---|\[!|:::|\$\$|\{\{|\{%)|^( {4}|\t)")
_LETTERS = re.compile(r"[^\W\d_]{2}")
_SENTENCE = re.compile(r"[.!?](?=\s)")

BODY_MAX = 200_000
"""Characters of a card's body that are looked at for its first paragraph."""


def plain(text: str) -> str:
    """The text without control, invisible and direction-changing characters; line ends are ``\\n``."""
    return _HIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: str, most: int = 400) -> str:
    """Plain text on one line, cut at ``most`` characters."""
    return " ".join(plain(text[: 8 * most]).split())[:most].rstrip()


def slug(text: str, most: int = NAME_MAX) -> str:
    """Lower-case words joined by single ``. _ -``, as the schema's Slug; empty where nothing is left."""
    folded = unicodedata.normalize("NFKD", text[:4000]).encode("ascii", "ignore").decode().lower()
    joined = _SEPARATORS.sub(r"\1", _OTHER.sub("-", folded))
    return joined.strip("._-")[:most].strip("._-")


def name_of(repo_id: str) -> str:
    """A catalog name made of ``org/name``, a folder or a bucket prefix: its last part as a slug.

    A name that the catalog reserves gets ``-model`` added; what has no letter at all becomes ``model``.
    """
    name = slug(repo_id.rstrip("/").rpartition("/")[2], NAME_MAX - len("-model")) or "model"
    return f"{name}-model" if reserved(name) else name


def describe(body: str, most: int = 400) -> str | None:
    """The first paragraph of prose in a card's Markdown as plain text; None where there is none.

    Headings, lists, tables, quotes, code, images and HTML are passed over.
    """
    text = _COMMENT.sub("\n\n", plain(body[:BODY_MAX]))
    fenced = False
    paragraph: list[str] = []
    for line in [*text.split("\n"), ""]:
        if _FENCE.match(line.lstrip()):
            fenced = not fenced
            line = ""
        if line.strip() and not fenced and not _NOT_PROSE.match(line):
            paragraph.append(line)
            continue
        prose = _without_markup(" ".join(paragraph))
        if len(prose.split(maxsplit=3)) > 3 and _LETTERS.search(prose):
            return _cut(prose, most)
        paragraph = []
    return None


def _without_markup(text: str) -> str:
    text = _IMAGE.sub(" ", text[:20_000])
    text = _LINK.sub(r"\1", text)
    text = html.unescape(_TAG.sub(" ", text))
    # Unescaping may have made new tags and characters out of &lt; and &#8238;.
    text = _TAG.sub(" ", plain(text)).replace("<", "").replace(">", "")
    return " ".join(_EMPHASIS.sub(r"\2", text).split())


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    ends = [match.end() for match in _SENTENCE.finditer(text, 0, most)]
    if ends and ends[-1] >= most // 3:
        return text[: ends[-1]]
    return text[: most - 1].rpartition(" ")[0] + "…"
