# ruff: noqa: E501  (a table is read by its rows)
"""Chat templates are judged by what they could reach, and those of real models pass."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from budmodel.scanners.templates import MAX_SIZE, MOST_FINDINGS, judge_template

SHARED = Path(__file__).parents[3] / "shared" / "data" / "hf"


def codes(source: str) -> set[tuple[str, str]]:
    return {(found.code, found.detail) for found in judge_template(source, "chat_template")}


BENIGN = [
    "",
    "plain text with __init__ in it",
    "{# a comment on __class__ #}",
    "{% for m in messages %}{{ '<|' ~ m['role'] ~ '|>' + m.content | trim + eos_token }}{% endfor %}",
    "{%- if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% else %}"
    "{% set loop_messages = messages %}{% endif %}{% for m in loop_messages %}"
    "{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}"
    "{% endfor %}",
    "{%- set ns = namespace(last=messages|length - 1) %}{%- for m in messages[::-1] %}"
    "{%- set index = (messages|length - 1) - loop.index0 %}{%- set ns.last = index %}{%- endfor %}"
    "{{ messages[ns.last].content }}",
    "{% generation %}{{ messages[-1]['content'] }}{% endgeneration %}",
    "{% for t in tools %}{% if loop.first %}{% continue %}{% endif %}{{ t | tojson(indent=4) }}{% break %}{% endfor %}",
    "{% macro render(spec, depth=0) %}{% for k, v in spec.items() %}{{ k ~ ': ' ~ spec[k] }}"
    "{{ render(v, depth + 1) }}{% endfor %}{% endmacro %}{{ render(tools[0].function) }}",
    "{% set names = tools | map(attribute='function.name') | join(', ') %}{{ names }}",
    "{% set system = messages | selectattr('role', 'equalto', 'system') | list %}{{ system[0].content }}",
    "{{ strftime_now('%d %b %Y') }}{{ '%s: %s' | format(a, b) }}{{ '{:>4}'.format(a) }}",
    "{% set content = message.content.split('</think>')[-1].lstrip('\\n') %}{{ content }}",
    "{{ '_' * 40 }}{{ '________' }}{{ name | replace('-', '_') }}",
    "{% for i in range(1, messages | length) %}{{ messages[i].content | upper }}{% endfor %}{{ 2 ** 10 }}",
]


@pytest.mark.parametrize("source", BENIGN)
def test_templates_as_they_are(source: str) -> None:
    assert judge_template(source, "chat_template") == []


def recorded() -> Iterator[Any]:
    def within(value: object, key: str = "") -> Iterator[str]:
        if isinstance(value, dict):
            for name, inner in value.items():
                yield from within(inner, name)
        elif isinstance(value, list):
            for inner in value:
                yield from within(inner, key)
        elif isinstance(value, str) and key == "chat_template":
            yield value

    for path in sorted(SHARED.glob("api/*.json")):
        for number, source in enumerate(within(json.loads(path.read_bytes()))):
            yield pytest.param(source, id=f"{path.stem}-{number}")


@pytest.mark.skipif(not SHARED.is_dir(), reason="the recorded data in ../shared is not here")
def test_recorded_templates_pass() -> None:
    sources = list(recorded())
    assert len(sources) >= 5
    for source in sources:
        assert judge_template(*source.values, "chat_template") == [], source.id


REACHING = [
    ("{{ messages.__class__ }}", "__class__"),
    ("{{ messages['__class__'] }}", "__class__"),
    ("{{ messages['\\x5f\\x5fclass\\x5f\\x5f'] }}", "__class__"),
    ("{{ messages._private }}", "_private"),
    ("{{ cycler.__init__.__globals__.os.popen('id').read() }}", "__globals__"),
    ("{{ lipsum.__globals__['os'].popen('id').read() }}", "__globals__"),
    ("{{ lipsum() }}", "lipsum()"),
    ("{{ open('/etc/passwd') }}", "open()"),
    ("{% for x in ().__class__.__base__.__subclasses__() %}{% endfor %}", "__subclasses__"),
    ("{{ ''|attr('a') }}", "the filter attr"),
    ("{{ ''|attr(name) }}", "the filter attr"),
    ("{{ [m]|map('attr', 'a')|list }}", "the filter map by a filter that reads attributes"),
    ("{{ [m]|map(name)|list }}", "the filter map by a filter that reads attributes"),
    ("{{ [m]|map(attribute='_a')|list }}", "the filter map by _a"),
    ("{{ [m]|map(attribute='a._b')|list }}", "the filter map by a._b"),
    ("{{ [m]|map(attribute=name)|list }}", "the filter map by a computed name"),
    ("{{ [m]|selectattr(name)|list }}", "the filter selectattr by a computed name"),
    ("{{ [m]|groupby('a' ~ b)|list }}", "the filter groupby by a computed name"),
    ("{{ [m]|map(*names)|list }}", "the filter map with arguments that are not written out"),
    ("{{ '{0.__class__}'.format(m) }}", "the method format"),
    ("{{ '{0[a].b}'.format(m) }}", "the method format"),
    ("{{ '{a:{b.c}}'.format(m) }}", "the method format"),
    ("{{ text.format(m) }}", "the method format"),
    ("{{ '{a}'.format_map(m) }}", "the method format_map"),
    ("{{ messages['a']() }}", "a call of something computed"),
    ("{% include 'x' %}", "include"),
    ("{% import 'x' as x %}", "import"),
    ("{% from 'x' import y %}", "fromimport"),
    ("{% extends 'x' %}", "extends"),
    ("{% if 0 %}{{ messages.__class__ }}{% endif %}", "__class__"),
    ("{{ 'hidden' if m is defined else m.__class__ }}", "__class__"),
]


@pytest.mark.parametrize(("source", "detail"), REACHING)
def test_reaching_for_pythons_objects(source: str, detail: str) -> None:
    found = judge_template(source, "tokenizer.chat_template")
    assert ("template-code", detail) in codes(source)
    assert {one.severity for one in found} == {"critical"}
    assert all(one.message.startswith("the template tokenizer.chat_template reaches") for one in found)


BUILT = [
    "{{ m['_' ~ '_class_' ~ '_'] }}",
    "{{ m['_' * 2 + 'class'] }}",
    "{{ m['%sclass' % x] }}",
    "{{ m['%c'|format(95)] }}",
    "{{ m[['a', 'b']|join] }}",
    "{{ m['a,b'.replace(',', '_')] }}",
    "{{ m['-ssalc-'[::-1]] }}",
    "{% set k = '_' ~ x %}{{ m[k] }}",
    "{% set k %}_{{ x }}{% endset %}{{ m[k] }}",
    "{% set a = '_' ~ x %}{% set b = a %}{% set c = b %}{{ m[c] }}",
    "{% for i in range(9) %}{{ m[c] }}{% set c = b %}{% set b = a %}{% set a = '_' ~ x %}{% endfor %}",
    "{% set ns = namespace(k='_' ~ x) %}{{ m[ns.k] }}",
    "{% set ns = namespace() %}{% set ns.k = '_' ~ x %}{{ m[ns.k] }}",
    "{% for k in ['_' ~ x] %}{{ m[k] }}{% endfor %}",
    "{% with k = '_' ~ x %}{{ m[k] }}{% endwith %}",
    "{% macro f(k) %}{{ m[k] }}{% endmacro %}{{ f('_' ~ x) }}",
    "{% macro f(k='_' ~ x) %}{{ m[k] }}{% endmacro %}{{ f() }}",
    "{% macro f(k) %}{{ m[k] }}{% endmacro %}{{ f(k='_' ~ x) }}",
    "{% macro f(k) %}{{ m[k] }}{% endmacro %}{{ f(*x) }}",
    "{% macro f() %}{{ caller('_' ~ x) }}{% endmacro %}{% call(k) f() %}{{ m[k] }}{% endcall %}",
    "{% for k in x recursive %}{{ m[k] }}{{ loop(['_' ~ x]) }}{% endfor %}",
    "{% set l = [] %}{% do l.append('_' ~ x) %}{{ m[l[0]] }}",
    "{% set l = {'a': '_' ~ x} %}{{ m[l.a] }}{{ m[l['a']] }}",
]


@pytest.mark.parametrize("source", BUILT)
def test_keys_built_from_text(source: str) -> None:
    assert ("template-code", "a key built from text") in codes(source)


@pytest.mark.parametrize(
    "source",
    [
        "{% for i in range(10**9) %}{% endfor %}",
        "{% for i in range(1000000000) %}{% endfor %}",
        "{% for a in range(9999) %}{% for b in range(9999) %}{{ a }}{% endfor %}{% endfor %}",
        "{{ range(1000 * 1000 * 1000)|list }}",
        "{{ 'a' * 1000 * 1000 * 1000 }}",
        "{{ 'a' * 10 ** 9 }}",
        "{{ [1] * 100000000 }}",
        "{{ 'a'|center(100000000) }}",
        "{{ 'a'.ljust(100000000) }}",
        "{{ 10 ** 10 ** 10 }}",
        "{{ x ** y }}",
        "{% for a in m %}" * 9 + "{% endfor %}" * 9,
    ],
)
def test_without_bound(source: str) -> None:
    assert {code for code, _ in codes(source)} == {"template-bomb"}


@pytest.mark.parametrize(
    ("source", "detail"),
    [
        ("{% if", "syntax"),
        ("{{ 'open", "syntax"),
        ("{% unknown %}", "syntax"),
        ("{{ " + "(" * 5000 + ")" * 5000 + " }}", "nesting"),
        ("{% if a %}" * 5000 + "{% endif %}" * 5000, "nesting"),
        ("{{ " + "9" * 5000 + " }}", "nesting"),
        ("x" * (MAX_SIZE + 1), "size"),
    ],
)
def test_unreadable(source: str, detail: str) -> None:
    (found,) = judge_template(source, "chat_template")
    assert (found.code, found.detail, found.severity) == ("template-unreadable", detail, "medium")


@pytest.mark.parametrize(
    "unit",
    [
        "a.",
        "a|upper|",
        "1*",
        "'a'*",
        "a~",
        "[a][a]+",
        "-",
        "not ",
        "(",
        "{{a}}",
        "{% set a = a %}",
        "{% raw %}",
        "{#",
        "{%",
        "'",
        "f(a)+",
        "x[a]+",
        "{% macro m(a, b, c, d) %}{{ m(1, 2) }}{% endmacro %}",
    ],
)
def test_long_chains_end(unit: str) -> None:
    source = unit * (20_000 // len(unit))
    for text in (source, "{{ " + source + "a }}"):
        assert all(found.code.startswith("template-") for found in judge_template(text, "chat_template"))


def test_findings_have_an_end() -> None:
    source = "".join("{{ m." + f"__x{number}" + " }}" for number in range(100))
    assert len(judge_template(source, "chat_template")) == MOST_FINDINGS


def test_a_template_is_never_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> object:
        raise AssertionError("compiled")

    monkeypatch.setattr(jinja2.Environment, "compile", refuse)
    monkeypatch.setattr(jinja2.Environment, "_generate", refuse)
    for source, _ in REACHING:
        judge_template(source, "chat_template")


_PIECES = st.sampled_from(
    ["{{ ", " }}", "{% ", " %}", "a", ".b", "['c']", "|upper", "(", ")", " ~ ", "for x in ", "endfor", "set y = ", "if ", "endif", "macro m(k)", "endmacro", "generation", "endgeneration", "1", "**", "'_'", "[", "]", "{#", "\\x"]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=40).map("".join) | st.text(max_size=80))
def test_any_text_is_judged(source: str) -> None:
    for found in judge_template(source, source):
        assert found.code in ("template-code", "template-bomb", "template-unreadable")
        assert found.message.isprintable()
        assert len(found.message) <= 300
        assert len(found.detail) <= 80


@given(st.sampled_from([source for source, _ in REACHING] + BUILT), st.sampled_from(BENIGN))
def test_company_does_not_hide_an_attack(attack: str, benign: str) -> None:
    for source in (benign + attack, attack + benign, "{% if x %}" + attack + "{% endif %}"):
        if "extends" not in source:
            assert any(code == "template-code" for code, _ in codes(source))
