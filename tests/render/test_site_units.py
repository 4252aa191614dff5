"""The parts of the renderer one by one."""

from __future__ import annotations

import json
from urllib.parse import urljoin

import pytest

from budmodel.domain.licensing import LicenseBook
from budmodel.errors import DataError
from budmodel.findings import CheckResult, Finding, Severity, Waived
from budmodel.render.csp import add_policy, inline_hashes
from budmodel.render.filters import advice, link, number, paragraphs, plain, safe_url, size, source, summary
from budmodel.render.scans import Exceptions, exceptions, state_of, state_without_exceptions
from budmodel.render.shell import Page, Shell, root_of
from budmodel.render.terms import TermLine, answer_of, binding, limits, terms_of
from budmodel.schema.license import License
from budmodel.schema.model import LicenseRestrictions
from budmodel.schema.scan import Scan

SHELL = (
    '<meta charset="utf-8"><title>@@budmodel:title@@</title><meta content="@@budmodel:description@@">'
    '<link href="assets/a.css"><a href=".">home</a><a href="https://x.org/">x</a><a href="#content">skip</a>'
    '<script>__md_scope=new URL(".",location)</script>'
    '<script id="__config" type="application/json">{"base": ".", "search": "assets/s.js"}</script>'
    "@@budmodel:body@@"
)


def stamped(path: str, **more: str) -> str:
    values = {"title": "T", "description": "D", "section": "models", "body": "B", **more}
    return Shell(SHELL, "S", "about").stamp(Page(path=path, **values), root_of(path))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "root"),
    [("index.html", "./"), ("404.html", "./"), ("a/index.html", "../"), ("a/b/index.html", "../../")],
)
def test_root_of(path: str, root: str) -> None:
    assert root_of(path) == root


def test_stamping_rewrites_relative_addresses_only() -> None:
    html = stamped("models/x/index.html")
    assert 'href="../../assets/a.css"' in html
    assert 'href="../../">home' in html
    assert 'href="https://x.org/"' in html
    assert 'href="#content"' in html
    assert '"base": "../.."' in html
    assert '"search": "../../assets/s.js"' in html
    assert 'new URL("../..",location)' in html


@pytest.mark.parametrize("root", ["/", "/repo/"])
def test_the_page_for_missing_addresses_keeps_the_folder_of_the_site(root: str) -> None:
    page = Page(path="404.html", title="T", description="D", section="", body="B")
    html = Shell(SHELL, "S", "about").stamp(page, root)
    assert f'href="{root}assets/a.css"' in html
    # Resolved by a browser it has to end in the folder, or the search would be looked for beside it.
    assert urljoin("https://x.org/", json.loads(html.split('json">')[1].split("</script>")[0])["base"]) == (
        f"https://x.org{root}"
    )


def test_stamping_escapes_text_and_never_reads_markers_in_values() -> None:
    html = stamped("a/index.html", title="<b>", description='"@@budmodel:title@@', body="@@budmodel:title@@")
    assert "<title>&lt;b&gt; - S</title>" in html
    assert "&#34;@@budmodel:title@@" in html
    assert html.endswith("@@budmodel:title@@")


def test_a_shell_without_markers_is_refused() -> None:
    with pytest.raises(DataError, match="body"):
        Shell("<html></html>", "S", "")


def test_policy_hashes_inline_scripts_but_not_data() -> None:
    data = '<script type="application/json">2</script>'
    html = f'<meta charset="utf-8"><script>1</script><script src="a"></script>{data}'
    assert len(inline_hashes(html)) == 1
    assert inline_hashes(html)[0] in add_policy(html)


@pytest.mark.parametrize(
    "value",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//x.org",
        "http://",
        'https://x.org/"onclick=',
        "x",
        None,
        "http://[",
    ],
)
def test_unsafe_addresses_never_become_links(value: str | None) -> None:
    assert safe_url(value) == ""
    assert "<a" not in link(value or "")


def test_links_and_sources() -> None:
    assert link("https://x.org/a?b=1&c") == (
        '<a href="https://x.org/a?b=1&amp;c" rel="noopener nofollow">https://x.org/a?b=1&amp;c</a>'
    )
    assert ">x.org/…/c.json</a>" in source("https://www.x.org/a/b/c.json")
    assert source("page 3 <of> it") == "page 3 &lt;of&gt; it"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 B"),
        (855, "855 B"),
        (4_584_408_808, "4.58 GB"),
        (999_499_999, "999 MB"),
        (999_999_999, "1,000 MB"),
        (2 * 10**15, "2,000 TB"),
    ],
)
def test_size(value: int, text: str) -> None:
    assert size(value) == text


def test_small_filters() -> None:
    assert [number(value) for value in (1.0, 0.816528, 364.135)] == ["1", "0.816528", "364.135"]
    assert paragraphs("a\nb\n \n\nc") == ["a\nb", "c"]
    assert summary("word " * 100, 20) == "word word word…"


def scan_of(status: str, **more: object) -> Scan:
    record = {"name": "x", "version": "1.0.0", "status": status, "manifest_sha256": "a" * 64}
    return Scan.model_validate({**record, "finished": "2026-01-01T00:00:00Z", "reason": "why", **more})


def test_a_finding_on_the_bytes_takes_the_green_away() -> None:
    finding = Finding(
        rule="scan-stale", message="too old", path="p", severity=Severity.WARNING, targets=("x@1.0.0",)
    )
    said = exceptions(CheckResult(findings=(finding,), waived=(), models=1, versions=1))
    proven = state_without_exceptions(True, "a" * 64, scan_of("PASSED"))
    assert proven.tone == "good"
    doubted = state_of("x@1.0.0", proven, said, None)
    assert (doubted.tone, doubted.detail) == ("warn", "too old")
    assert state_of("y@1.0.0", proven, said, None).tone == "good"


def test_a_waived_failure_stays_red_and_names_its_end() -> None:
    finding = Finding(rule="scan-failed", message="found", path="p", targets=("x@1.0.0",))
    waived = Waived(finding=finding, waiver="w", expires="2027-05-22T00:00:00Z", reason="r", approved_by="a")
    said = exceptions(CheckResult(findings=(), waived=(waived,), models=1, versions=1))
    state = state_of("x@1.0.0", state_without_exceptions(True, "a" * 64, scan_of("FAILED")), said, None)
    assert (state.tone, state.text, state.filter) == ("bad", "scan failed, waived until 2027-05-22", "waived")


def test_a_verdict_without_files_proves_nothing() -> None:
    assert state_without_exceptions(True, None, scan_of("PASSED")).tone == "bad"
    nothing = Exceptions({}, {})
    assert state_of("x@1.0.0", state_without_exceptions(True, None, None), nothing, ()).text == "not scanned"


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("yes", True),
        ("no", False),
        ("yes AND no", False),
        ("yes OR no", True),
        ("yes AND what", None),
        ("no AND what", False),
        ("(", None),
    ],
)
def test_terms_of_expressions(expression: str, answer: bool | None) -> None:
    book = LicenseBook.of(
        License.model_validate({"id": id_, "name": id_, "commercial_use": allowed, "source": "test"})
        for id_, allowed in (("yes", True), ("no", False))
    )
    assert answer_of(book.resolve(expression), book, "commercial_use") is answer


def record(**terms: object) -> License:
    facts = {"id": "x", "name": "X", "source": "the text", "commercial_use": "conditional", **terms}
    return License.model_validate(facts)


def test_a_limit_that_brings_a_duty_is_a_condition_and_no_end() -> None:
    license_ = record(monthly_active_users_limit=10**8, limits_bring="duty", naming="show the name")
    told = terms_of(license_)
    assert (
        TermLine(
            "Monthly active users",
            "above 100M monthly active users the duty under Naming applies; no other agreement is needed",
        )
        in told.conditions
    )
    assert told.limitations == ()
    assert limits([license_]) == ["a duty above 100M monthly active users"]


def test_a_limit_says_what_is_beyond_it_and_whom_it_binds() -> None:
    (line,) = terms_of(record(annual_revenue_limit_usd=10**6, limits_bind="commercial-use")).limitations
    assert (
        line.says == "up to $1M revenue a year (for business alone); above that another agreement is needed"
    )


def test_derivatives_that_may_not_be_passed_on_are_a_limitation() -> None:
    license_ = record(derivatives="conditional", derivatives_shared=False)
    assert "derivatives may be made, but not passed on" in [
        line.says for line in terms_of(license_).limitations
    ]
    assert limits([license_]) == ["derivatives may not be passed on"]


def test_of_two_numbers_of_users_the_lower_one_is_shown() -> None:
    license_ = record(monthly_active_users_limit=7 * 10**8)
    narrower = LicenseRestrictions(monthly_active_users_limit=10**6)
    assert limits([license_], narrower) == ["up to 1M monthly active users"]


def test_the_limits_of_a_choice_are_those_of_the_freer_side() -> None:
    free = License.model_validate({"id": "MIT", "name": "MIT", "source": "s", "commercial_use": True})
    book = LicenseBook({"MIT": free, "x": record(monthly_active_users_limit=5)})
    assert [one.id for one in binding(book.resolve("MIT OR x").tree, book)] == ["MIT"]
    assert [one.id for one in binding(book.resolve("MIT AND x").tree, book)] == ["MIT", "x"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "not stated"),
        ([], "not stated"),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (2.0, "2"),
        (
            [{"name": "vllm", "min_version": "0.6.3"}, {"name": "sglang"}],
            "name vllm min version 0.6.3, name sglang",
        ),
    ],
)
def test_values_of_records_are_words(value: object, shown: str) -> None:
    assert plain(value) == shown


@pytest.mark.parametrize(
    ("fix", "told"),
    [
        ("scan it: budmodel scan a@1.0.0", "Scan it: <code>budmodel scan a@1.0.0</code>"),
        (
            "run: budmodel yank a --reason b; or <wait>",
            'Run: <code>budmodel yank a <span class="bm-nowrap">--reason</span> b</code>; or &lt;wait&gt;',
        ),
        ("<b> & no command", "&lt;b&gt; &amp; no command"),
    ],
)
def test_what_mends_a_finding_is_a_sentence_with_its_command_set_apart(fix: str, told: str) -> None:
    assert advice(fix) == told
