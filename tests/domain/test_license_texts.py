"""What the decision table rests on stands in the licences' own words.

``license_anchors.csv`` names, for a fact of a licence record, the clause that the record gives as its source,
the text, and a few words which must stand there. A row of the table is *anchored* where every fact that its
answer comes from has such words in a text that is at hand:

* ``../shared/data/licences/texts`` next to the checkout (and a model card there, for Mistral's licence);
* ``/usr/share/common-licenses`` and the licence files of installed packages, for the common ones;
* a folder that ``BUDMODEL_LICENSE_TEXTS`` names, such as ``licensedcode/data/licenses`` of the package
  scancode-toolkit-mini 32.5.0, for the rest of SPDX (Creative Commons, AGPL, ISC, Unlicense).

A text ``github:…`` was read at that commit, but is at hand for no test. Texts that nobody could read
(``UNREAD``) are secondary knowledge; their records are unreviewed, so that they never allow.

Of the 357 rows 230 are anchored with the first two, 278 with all three; 25 rest on texts of GitHub, 19 on
unread ones, and 35 say no because nobody recorded a licence, a fact or a territory.
"""

from __future__ import annotations

import csv
import hashlib
import os
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, files
from itertools import chain
from pathlib import Path

import pytest
from license_table import ROOT, Row, book, named, opinion, rows, use_of

from budmodel.domain.license_terms import judge
from budmodel.domain.licensing import symbols
from budmodel.schema.license import License

ANCHORS = Path(__file__).parent / "license_anchors.csv"
SHARED = ROOT.parent / "shared" / "data" / "licences" / "texts"
COMMON = Path("/usr/share/common-licenses")
SYSTEM = {"apache-2.0": "Apache-2.0", "gpl-3.0": "GPL-3", "mpl-2.0": "MPL-2.0", "cc0-1.0": "CC0-1.0"}
PACKAGES = {"mit": "pydantic", "bsd-simplified": "import-linter", "bsd-new": "idna"}
UNREAD = frozenset(
    [
        "apple-amlr",
        "deepfloyd-if",
        "fair-noncommercial-research",
        "grok-2-community",
        "health-ai-developer-foundations",
        "hunyuan-community",
        "intel-research",
        "lfm-1.0",
        "microsoft-research-license",
        "mistral-non-production",
        "openmdw-1.1",
        "qwen-research",
    ]
)
NO_CLAUSE = frozenset(
    ["license-unknown", "license-unreviewed", "unknown-parent", "unknown-terms", "license-text-unknown"]
)
"""Answers that come from what nobody recorded: there is no clause to look for."""
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="no ../shared with licence texts here")


@cache
def anchors() -> list[Row]:
    with ANCHORS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def plain(text: str) -> str:
    """Without what copies of a text differ in: blanks, case, kinds of quotation marks, Markdown."""
    for odd, usual in zip("“”’‘\\*", "\"\"''  ", strict=True):
        text = text.replace(odd, usual.strip())
    return " ".join(text.split()).casefold()


def places(name: str) -> Iterator[Path]:
    stem = name.removesuffix(".LICENSE")
    yield SHARED / name
    if os.environ.get("BUDMODEL_LICENSE_TEXTS"):
        yield Path(os.environ["BUDMODEL_LICENSE_TEXTS"]) / name
    if stem in SYSTEM:
        yield COMMON / SYSTEM[stem]
    if stem in PACKAGES:
        try:
            installed = files(PACKAGES[stem]) or []
        except PackageNotFoundError:
            installed = []
        yield from (Path(str(one.locate())) for one in installed if "LICENSE" in one.name.upper())


@cache
def text_of(name: str) -> str | None:
    """The text; None where it is not at hand."""
    found = next((path for path in places(name) if path.is_file()), None)
    return None if found is None else plain(found.read_text(encoding="utf-8"))


def facts_of(license_: License, *, derivative: bool, redistribute: bool, outputs: bool) -> set[str]:
    if outputs:
        return {"output_use"}
    asked = {"derivatives": derivative, "redistribution": redistribute}
    return {"commercial_use", *(fact for fact, wanted in asked.items() if wanted)}


def named_ids(text: str) -> list[str]:
    tree = book().resolve(text).tree
    found = [book().find(one) for one in symbols(tree)] if tree is not None else []
    return [one.id for one in found if one is not None]


def granted(row: Row) -> Iterator[tuple[str, str]]:
    """The facts behind a yes, and behind a no that any of several licences says."""
    use = use_of(row["use"], row["circumstances"])
    ids = named_ids(row["license"])
    if " OR " in row["license"] and row["decision"] == "allow":
        ids = [one for one in ids if judge(book().licenses[one], use).level == "allow"]
    for one in ids:
        for fact in facts_of(
            book().licenses[one], derivative=use.derivative, redistribute=use.redistribute, outputs=False
        ):
            yield one, fact
    for step in chain.from_iterable(parent.split(">") for parent in row["parents"].split()):
        license_, _, relation = step.rpartition(":")
        for one in named_ids(license_):
            for fact in facts_of(
                book().licenses[one],
                derivative=True,
                redistribute=use.redistribute,
                outputs=relation == "distilled",
            ):
                yield one, fact


def rests_on(row: Row) -> set[tuple[str, str]]:
    """The (licence, fact) pairs that an answer comes from; none where it comes from what nobody recorded."""
    if row["code"] in NO_CLAUSE:
        return set()
    if not row["code"]:
        return set(granted(row))
    use = use_of(row["use"], row["circumstances"])
    found: set[tuple[str, str]] = set()
    for reason in opinion(row["license"], row["parents"], use).reasons:
        if reason.code == row["code"] and reason.level == row["decision"]:
            id_, _, where = reason.clause.partition(": ")
            source = book().licenses[id_].source
            assert isinstance(source, dict)
            known = {one["fact"] for one in anchors() if one["license"] == id_}
            same = [fact for fact, text in source.items() if text == where]
            anchored = [fact for fact in same if fact in known]
            found.update((id_, fact) for fact in (anchored or same)[:1])
    return found


def state_of(row: Row) -> str:
    """``anchored``, ``at hand elsewhere``, ``unread`` or ``no clause``."""
    pairs = rests_on(row)
    if not pairs:
        return "no clause"
    if any(id_ in UNREAD for id_, _ in pairs):
        return "unread"
    words = {(one["license"], one["fact"]): one for one in anchors()}
    missing = [pair for pair in pairs if pair not in words]
    assert not missing, f"{named(row)}: no words of the text for {missing}"
    return "anchored" if all(text_of(words[pair]["text"]) for pair in pairs) else "at hand elsewhere"


def test_the_record_names_the_clause() -> None:
    for anchor in anchors():
        record = book().licenses[anchor["license"]]
        assert isinstance(record.source, dict)
        assert anchor["clause"] in record.source[anchor["fact"]], anchor
        assert getattr(record, anchor["fact"]) not in (None, []), anchor
        assert len(anchor["anchor"].split()) <= 25, "a few words, no copy of the text"


@pytest.mark.parametrize("name", sorted({one["text"] for one in anchors()}))
def test_the_words_stand_in_the_text(name: str) -> None:
    text = text_of(name)
    if text is None:
        pytest.skip("the text is not at hand here (see the top of this file)")
    for anchor in anchors():
        if anchor["text"] == name:
            assert plain(anchor["anchor"]) in text, anchor


@needs_shared
def test_most_rows_are_anchored_in_a_text_and_the_rest_say_why_not() -> None:
    states = {named(row): state_of(row) for row in rows()}
    counts = Counter(states.values())
    assert counts["anchored"] >= 200, counts
    unread = {name for name, state in states.items() if state == "unread"}
    assert all(row["decision"] != "allow" for row in rows() if named(row) in unread)


def test_licences_whose_text_nobody_read_count_as_unreviewed() -> None:
    assert all(book().licenses[id_].reviewed is None for id_ in UNREAD)


@needs_shared
@pytest.mark.parametrize("path", sorted(SHARED.glob("*.LICENSE")), ids=lambda path: path.stem)
def test_the_record_holds_the_digest_of_the_text_at_hand(path: Path) -> None:
    body = path.read_text(encoding="utf-8").split("---\n", 2)[2].lstrip("\n")
    digest = hashlib.sha256(body.encode()).hexdigest()
    digests = {text.sha256 for record in book().licenses.values() for text in record.texts}
    used = path.name in {one["text"] for one in anchors()}
    assert digest in digests or not used


def test_a_yes_names_the_clause_that_gives_it() -> None:
    for row in rows():
        if row["decision"] == "allow":
            sources = [(book().licenses[id_].source, fact) for id_, fact in granted(row)]
            assert row["clause"], named(row)
            assert any(isinstance(one, dict) and row["clause"] in one.get(fact, "") for one, fact in sources)
