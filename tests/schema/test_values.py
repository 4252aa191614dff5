"""Value types. Where a specification says so, the test quotes it."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from budmodel.schema import values
from budmodel.schema.model import Model
from budmodel.store.yaml_reader import load

DIGITS = st.text("0123456789", min_size=1, max_size=12)
NUMERIC = st.integers(min_value=0, max_value=10**9).map(str)
ALPHANUMERIC = st.from_regex(r"[0-9]{0,3}[a-zA-Z-][0-9a-zA-Z-]{0,5}", fullmatch=True)
IDENTIFIERS = st.lists(NUMERIC | ALPHANUMERIC, min_size=1, max_size=4)
CORE = st.tuples(*[st.integers(min_value=0, max_value=10**6)] * 3)


def accepts(kind: object, value: object) -> bool:
    try:
        TypeAdapter(kind).validate_python(value, strict=True)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("8B", 8_000_000_000),
        ("70b", 70_000_000_000),
        ("1.5B", 1_500_000_000),
        ("10_000_000_000", 10_000_000_000),
        (" 22.7 M ", 22_700_000),
        ("128k", 128_000),
        ("1.8T", 1_800_000_000_000),
        ("0.000001M", 1),
        ("7", 7),
    ],
)
def test_counts_as_people_write_them(text: str, count: int) -> None:
    assert values.parse_count(text) == count


@pytest.mark.parametrize(
    "text", ["", "B", "-1", "1e9", "1.5", "8BB", "8 B B", "٨B", "1.B", "0x10", "9" * 21, "8B\n8"]
)
def test_what_is_no_count(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(text))):
        values.parse_count(text)


@given(st.integers(min_value=0, max_value=10**18))
def test_digits_are_read_exactly(count: int) -> None:
    assert values.parse_count(str(count)) == count
    assert values.parse_count(f"{count:_}") == count


@given(st.integers(min_value=1, max_value=values.PARAMETER_MAX))
def test_a_written_count_is_short_and_within_half_a_percent(count: int) -> None:
    text = values.format_count(count)
    assert re.fullmatch(r"[0-9]{1,5}(\.[0-9]{1,2})?[KMBT]?", text)
    assert abs(values.parse_count(text) - count) <= count * 0.0051


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0"), (999, "999"), (1000, "1K"), (999_499, "999K"), (999_500, "1M"), (22_713_216, "22.7M"),
        (70_553_706_496, "70.6B"), (8_000_000_000, "8B"), (999_950_000_000, "1T"), (10**15, "1000T"),
        (999_700_000_000_000, "1000T"), (10**16, "10000T"),
    ],
)  # fmt: skip
def test_counts_as_models_are_named(count: int, text: str) -> None:
    assert values.format_count(count) == text


def precedes(first: str, second: str) -> bool:
    return values.version_key(first) < values.version_key(second)


def test_the_example_of_semver_11_2() -> None:
    """§11.2: "Example: 1.0.0 < 2.0.0 < 2.1.0 < 2.1.1"."""
    order = ["1.0.0", "2.0.0", "2.1.0", "2.1.1"]
    backwards = order[::-1]
    assert sorted(backwards, key=values.version_key) == order


def test_the_example_of_semver_11_4() -> None:
    """§11.4: "Example: 1.0.0-alpha < 1.0.0-alpha.1 < 1.0.0-alpha.beta < 1.0.0-beta < …"."""
    order = [
        "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
        "1.0.0-rc.1", "1.0.0",
    ]  # fmt: skip
    backwards = order[::-1]
    assert sorted(backwards, key=values.version_key) == order


@given(CORE, CORE)
def test_semver_11_2(first: tuple[int, ...], second: tuple[int, ...]) -> None:
    """§11.2: "Major, minor, and patch versions are always compared numerically"."""
    assert precedes(*(".".join(map(str, core)) for core in (first, second))) == (first < second)


@given(CORE, IDENTIFIERS)
def test_semver_11_3(core: tuple[int, ...], identifiers: list[str]) -> None:
    """§11.3: "a pre-release version has lower precedence than a normal version"."""
    normal = ".".join(map(str, core))
    assert precedes(f"{normal}-{'.'.join(identifiers)}", normal)


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_semver_11_4_1(first: int, second: int) -> None:
    """§11.4.1: "Identifiers consisting of only digits are compared numerically"."""
    assert precedes(f"1.0.0-{first}", f"1.0.0-{second}") == (first < second)


@given(ALPHANUMERIC, ALPHANUMERIC)
def test_semver_11_4_2(first: str, second: str) -> None:
    """§11.4.2: "Identifiers with letters or hyphens are compared lexically in ASCII sort order"."""
    assert precedes(f"1.0.0-{first}", f"1.0.0-{second}") == (first < second)


@given(NUMERIC, ALPHANUMERIC)
def test_semver_11_4_3(numeric: str, other: str) -> None:
    """§11.4.3: "Numeric identifiers always have lower precedence than non-numeric identifiers"."""
    assert precedes(f"1.0.0-{numeric}", f"1.0.0-{other}")


@given(IDENTIFIERS, IDENTIFIERS)
def test_semver_11_4_4(common: list[str], more: list[str]) -> None:
    """§11.4.4: "A larger set of pre-release fields has a higher precedence than a smaller set"."""
    assert precedes(f"1.0.0-{'.'.join(common)}", f"1.0.0-{'.'.join([*common, *more])}")


@given(st.sampled_from(["1.0.0", "1.0.0-rc.1"]), IDENTIFIERS, IDENTIFIERS)
def test_semver_10(version: str, first: list[str], second: list[str]) -> None:
    """§10: "Build metadata MUST be ignored when determining version precedence"; here it only breaks ties."""
    one, two = (f"{version}+{'.'.join(build)}" for build in (first, second))
    assert values.version_key(one)[0] == values.version_key(two)[0]
    assert precedes("0.9.9", one) and precedes(one, "1.0.1")


@pytest.mark.parametrize(
    "text",
    ["1", "1.0", "01.0.0", "1.0.0-01", "1.0.0-", "1.0.0+", "v1.0.0", "1.0.0\n", "1٢.0.0", "", "1.0.0 "],
)
def test_what_is_no_version(text: str) -> None:
    assert not values.is_semver(text)
    assert not accepts(values.SemVer, text)
    with pytest.raises(ValueError):
        values.version_key(text)


@given(CORE, IDENTIFIERS)
def test_what_is_a_version(core: tuple[int, ...], identifiers: list[str]) -> None:
    text = f"{'.'.join(map(str, core))}-{'.'.join(identifiers)}+{'.'.join(identifiers)}"
    assert values.is_semver(text)
    assert accepts(values.SemVer, text) == (len(text) <= 64)
    values.version_key(text)


@given(st.from_regex(values.NAME_PATTERN, fullmatch=True))
def test_names_fold_once_and_for_all(name: str) -> None:
    """PEP 503: "All runs of the characters ``-_.`` are replaced with a single ``-``", and lower case."""
    folded = values.fold_name(name)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", folded)
    assert values.fold_name(folded) == folded == values.fold_name(name.upper().replace("-", "_"))
    assert accepts(values.ModelName, name) == (len(name) <= 96 and not values.reserved(name))


@pytest.mark.parametrize(
    "name",
    ["leaderboard", "import", "index", "status", "verify", "con", "nul.model", "lpt1", "com0.x", "a.json",
     "a.html", "a.yaml", "a.git"],
)  # fmt: skip
def test_reserved_names(name: str) -> None:
    assert values.reserved(name)
    assert not accepts(values.ModelName, name)


@pytest.mark.parametrize("name", ["", "A", "a b", "-a", "a-", "a--b", "a..b", "ä", "a/b", "a\n", "a" * 97, 8])
def test_what_is_no_name(name: object) -> None:
    assert not accepts(values.ModelName, name)


@pytest.mark.parametrize(
    "name", ["a", "llama-3.1-70b-instruct", "x_y", "0", "console", "json", "index-2", "a" * 96]
)
def test_what_is_a_name(name: str) -> None:
    assert not values.reserved(name)
    assert accepts(values.ModelName, name)


@given(st.datetimes(min_value=datetime(1, 1, 1), timezones=st.just(UTC)))
def test_times_are_read_as_they_are_written(moment: datetime) -> None:
    whole = moment.replace(microsecond=0)
    text = values.format_timestamp(whole)
    if whole.year >= 1000:  # strftime does not pad years everywhere
        assert values.parse_timestamp(text) == whole
        assert accepts(values.Timestamp, text) and accepts(values.DateOrTime, text[:10])
        assert values.parse_timestamp(text[:10]) == whole.replace(hour=0, minute=0, second=0)


def test_nine_digits_of_a_second() -> None:
    """RFC 3339 §5.6: time-secfrac has any number of digits; datetime keeps six."""
    moment = datetime(2024, 7, 23, 1, 2, 3, 123456, UTC)
    assert values.parse_timestamp("2024-07-23T01:02:03.123456789Z") == moment
    assert values.parse_timestamp("2024-07-23T01:02:03.1Z").microsecond == 100_000


@pytest.mark.parametrize(
    "text",
    ["2024-02-30", "2024-13-01", "0000-01-01", "2024-07- 3", "2024-7-03", "20240723", "2024-07-23T24:00:00Z",
     "2024-07-23T00:60:00Z", "2024-07-23T00:00:00", "2024-07-23T00:00:00+02:00", "2024-07-23T00:00:00ZZ",
     "2024-07-23 00:00:00Z", "2024-07-23t00:00:00z", "2024-07-23T00:00:00.Z", "2024-07-23\n", "", "now"],
)  # fmt: skip
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError):
        values.parse_timestamp(text)
    for kind in (values.Timestamp, values.Date, values.DateOrTime):
        assert not accepts(kind, text)


@given(st.text("abc./%2eE", max_size=12))
def test_no_storage_uri_climbs(path: str) -> None:
    uri = f"file:///srv/{path}"
    decoded = path.replace("%2e", ".").replace("%2E", ".").split("/")
    if "." in decoded or ".." in decoded:
        assert not accepts(values.StorageUri, uri)


@given(st.text("ab:@", min_size=1, max_size=8))
def test_no_storage_uri_holds_credentials(host: str) -> None:
    if "@" in host:
        assert not accepts(values.StorageUri, f"s3://{host}/models/")


@pytest.mark.parametrize(
    "uri",
    ["s3://bucket/a?versionId=1", "s3://bucket/a?", "s3://bucket/a#", "http://bucket/a", "s3:/bucket", "s3://",
     "s3:///a", "s3://bucket/a\n", "s3://bucket/a b", "S3://bucket/a", "s3://[::1/a", "s3://k:s@bucket/a", 8],
)  # fmt: skip
def test_what_is_no_storage_uri(uri: object) -> None:
    assert not accepts(values.StorageUri, uri)


SEED_EXAMPLE = """\
# yaml-language-server: $schema=../../../schemas/v1/model.schema.json
name: llama-3.1-70b-instruct
architecture: llama
parameter_count: 70000000000
description: Instruction-tuned 70B model of the Llama 3.1 family.
context_length: 128000
license_type: llama-3.1-community
license_restrictions:
  commercial_use: true
  derivatives: true
  monthly_active_users_limit: 700000000
requirements:
  min_gpu_memory_gb: 140
  recommended_gpu: nvidia-h100-80gb
  recommended_gpu_count: 2
tags: [llm, instruct, chat, multilingual]
source: {type: huggingface, model_id: meta-llama/Llama-3.1-70B-Instruct}
default_version: 1.0.0
aliases: {production: 1.0.0}
status: active
base_models:
  - {model: llama-3.1-70b, relation: finetune}
owners: [ml-platform]
contact: ml-platform@example.org
modalities: {input: [text], output: [text]}
tasks: [text-generation]
languages: [en, de]
active_parameter_count: 13000000000
parameter_count_origin: safetensors
gated: false
annotations: {acme.com/cost-center: "4711"}
"""


def test_the_seed_example_loads() -> None:
    model = Model.model_validate(load(SEED_EXAMPLE.encode()))
    assert model.parameter_count == 70_000_000_000
    assert model.requirements is not None and model.requirements.min_gpu_memory_gb == 140
    assert model.aliases == {"production": "1.0.0"}
    assert model.has_artifacts
