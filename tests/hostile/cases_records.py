"""YAML that can be read, but is not the record which belongs at its path."""

from __future__ import annotations

from hostile.kit import API, COMMIT, SHA, Case, artifacts, case, model

VERSION_PATH = "models/v/versions/1.0.0.yaml"
FILES = "".join(f"\n  - {{path: f{n}, size: 1, sha256: {SHA if n != 3 else '12e34567'}}}" for n in range(5))
NUMBERS = ("1_000", "1,000", "1.5", "1e3", "1e308", "1e400", "-0", "0", "-1", ".inf", "-.inf", ".nan", "010",
           "0b11", "true", '"8"', "8B", "[1]", "{a: 1}", "1" * 5000, "10000000000000001", "1:30")  # fmt: skip
ACCEPTED_NUMBERS = ("0x10", "0o17", "+8", "10000000000000000")


def number(value: str, *expected: str) -> Case:
    return case(f"parameter_count {value[:20]}", model(parameter_count=value), *expected)


def bad_version(name: str, place: str, **fields: str | None) -> Case:
    """A version that is invalid in one place; its scan and its files are then nobody's business."""
    return case(name, artifacts(version_fields=fields), f"schema-invalid {VERSION_PATH}:{place}")


def bad_name(text: str) -> Case:
    return case(
        f"name {text[:30]}", model(name=text), "name-mismatch @:1:1 name", "schema-invalid @:1:1 name"
    )


def bad_folder(name: str, *more: str) -> Case:
    path = f"models/{name}/model.yaml"
    return case(f"folder {name[:20]}", {path: model(name=name)}, f"schema-invalid {path}:1:1 name", *more)


def wrong(name: str, line: str, *places: str) -> Case:
    """The model with one more line, the seventh."""
    return case(name, model(line), *(f"schema-invalid @:{place}" for place in places))


CASES: tuple[Case, ...] = (
    *(number(value, "schema-invalid @:3:1 parameter_count") for value in NUMBERS),
    *(number(value) for value in ACCEPTED_NUMBERS),
    case(
        "parameter_count null",
        model(parameter_count="~"),
    ),
    case("empty file", "", "schema-invalid @:1:1 -"),
    case("only a comment", "# nothing\n", "schema-invalid @:1:1 -"),
    case("only an end", "---\n...\n", "schema-invalid @:1:1 -"),
    case("list at the top", "- name: s\n", "schema-invalid @:1:1 -"),
    case("scalar at the top", "name\n", "schema-invalid @:1:1 -"),
    case("number at the top", "5\n", "schema-invalid @:1:1 -"),
    case("name null", model(name="null"), "schema-invalid @:1:1 name"),
    case("name ~", model(name="~"), "schema-invalid @:1:1 name"),
    case("name a number", model(name="2024"), "schema-invalid @:1:1 name"),
    case("name absent", model(name=None), "schema-invalid @:1:1 name"),
    case(
        "everything absent",
        "status: active\n",
        "schema-invalid @:1:1 architecture",
        "schema-invalid @:1:1 name",
    ),
    case("parameter_count absent", model(parameter_count=None, source=None), "schema-invalid @:1:1 -"),
    wrong("tags null", "tags: null", "7:1 tags"),
    wrong("tags text", "tags: llm", "7:1 tags"),
    wrong("a tag null", "tags: [a, ~]", "7:11 tags.1"),
    wrong("NO", "gated: NO", "7:1 gated"),
    wrong("on", "gated: on", "7:1 gated"),
    wrong("yes in a list", "languages: [de, no, yes]"),
    wrong("NO in a list", "languages: [NO]", "7:13 languages.0"),
    wrong("status unknown", "status: Active", "7:1 status"),
    wrong("a date that is none", "retires_on: 2026-02-30", "7:1 retires_on"),
    wrong("a date in another order", "retires_on: 30.02.2026", "7:1 retires_on"),
    wrong("1:30 is text", "contact: 1:30"),
    wrong("a date as text", "contact: 2024-01-01"),
    wrong("contact a number", "contact: 4711", "7:1 contact"),
    wrong("default_version 1.10", "default_version: 1.10", "7:1 default_version"),
    wrong("unknown key", "licence_type: MIT", "7:1 licence_type"),
    wrong("number as a key", "1: x", "7:1 1"),
    wrong("null as a key", "~: x", "7:1 ~"),
    wrong("true as a key", "true: x", "7:1 true"),
    wrong("empty key", '"": x', "7:1 -"),
    case("no key", model(": x"), "yaml-invalid @:7:1 -"),
    wrong("unknown nested key", "requirements: {min_gpu: 1}", "7:16 requirements.min_gpu"),
    wrong("deep wrong type", "modalities: {input: [text, {a: 1}]}", "7:28 modalities.input.1"),
    wrong("wrong aliases", "aliases: {production: 1.0}", "7:11 aliases.production"),
    wrong("alias with a space", "aliases: {a b: 1.0.0}", "7:11 aliases.a b"),
    wrong("link to a script", 'links: {paper: "javascript:alert(1)"}', "7:9 links.paper"),
    case(
        "link with a password",
        model("links: {paper: 'https://u:p@x.org'}"),
        "schema-invalid @:7:9 links.paper",
        "secret-in-catalog @:7:22 -",
    ),
    wrong("annotations of another kind", "annotations: {acme.com/a: 4711}", "7:15 annotations.acme.com/a"),
    wrong("annotation without a domain", "annotations: {cost: a}", "7:15 annotations.cost"),
    wrong("parent with a path", "base_models: [{model: ../x, relation: merge}]", "7:16 base_models.0.model"),
    wrong("relation unknown", "base_models: [{model: a, relation: son}]", "7:26 base_models.0.relation"),
    case("source unknown", model(source="{type: ftp}"), "schema-invalid @:6:1 source"),
    case("source without a type", model(source="{model_id: a/b}"), "schema-invalid @:6:1 source"),
    case("source a list", model(source="[api]"), "schema-invalid @:6:1 source"),
    case("source text", model(source="api"), "schema-invalid @:6:1 source"),
    case("source of a wrong type", model(source="{type: [api]}"), "schema-invalid @:6:1 source"),
    case(
        "source with a key of another",
        model(source="{type: api, model_id: a/b}"),
        "schema-invalid @:6:21 source.model_id",
    ),
    case(
        "source with its own name inside",
        model(source="{type: api, api: {api: 1}}"),
        "schema-invalid @:6:21 source.api",
    ),
    case("source twice", model("source: {type: api}"), "yaml-invalid @:7:1 -"),
    *map(
        bad_name,
        ("../x", "..", "a/b", "S", "ѕ", "'s '", "s-", "index", "con", "nul.txt", "x.git", "a" * 97, "''"),
    ),
    bad_folder("S"),
    bad_folder("ѕ"),
    bad_folder("index"),
    bad_folder("con"),
    bad_folder("x.git"),
    bad_folder("x.yaml", "unknown-file models/x.yaml:1:1 -"),
    bad_folder("a" * 97),
    bad_folder("a--b"),
    case("name of another", model(name="other"), "name-mismatch @:1:1 name"),
    bad_version("version a number", "1:1 version", version="1.0"),
    bad_version(
        "revision in scientific notation",
        "4:46 source.revision",
        source="{type: huggingface, model_id: org/v, revision: 12e34567}",
    ),
    bad_version(
        "source without a revision's model",
        "4:1 source.model_id",
        source=f"{{type: huggingface, revision: {COMMIT}}}",
    ),
    bad_version("source of a version unknown", "4:1 source", source="{type: git}"),
    bad_version("file without a digest", "5:9 files.0.sha256", files="[{path: a, size: 1}]"),
    bad_version("digest in scientific notation, deep", "9:25 files.3.sha256", files=FILES),
    bad_version(
        "digest in capitals", "5:28 files.0.sha256", files=f"[{{path: a, size: 1, sha256: {'AB' * 32}}}]"
    ),
    bad_version(
        "file path climbs",
        "5:10 files.0.path",
        files=f'[{{path: ../../etc/passwd, size: 1, sha256: "{SHA}"}}]',
    ),
    bad_version(
        "file path absolute", "5:10 files.0.path", files=f'[{{path: /etc/passwd, size: 1, sha256: "{SHA}"}}]'
    ),
    bad_version("file size negative", "5:19 files.0.size", files=f'[{{path: a, size: -1, sha256: "{SHA}"}}]'),
    bad_version("file size a float", "5:19 files.0.size", files=f'[{{path: a, size: 1.0, sha256: "{SHA}"}}]'),
    bad_version("released a day", "2:1 released", released="2026-01-01"),
    bad_version("released at 24 o'clock", "2:1 released", released="2026-01-01T24:00:00Z"),
    bad_version("released with an offset", "2:1 released", released="2026-01-01T00:00:00+02:00"),
    bad_version("storage on ftp", "6:1 storage_path", storage_path="ftp://x/y"),
    case(
        "storage with a password",
        artifacts(version_fields={"storage_path": "s3://u:p@x/y"}),
        f"schema-invalid {VERSION_PATH}:6:1 storage_path",
        f"secret-in-catalog {VERSION_PATH}:6:17 -",
    ),
    bad_version("storage climbs", "6:1 storage_path", storage_path="s3://x/%2e%2e/y"),
    bad_version("storage is signed", "6:1 storage_path", storage_path="s3://x/y?token=1"),
    bad_version("yanked without a reason", "6:1 yanked.reason", yanked="{on: 2026-01-01T00:00:00Z}"),
    bad_version("bits are infinite", "6:30 quantization.bits", quantization="{method: gptq, bits: 1e400}"),
    case(
        "digits only, in digest and revision",
        artifacts(
            model_fields={"owners": "[t]"},
            version_fields={
                "files": f"[{{path: w.bin, size: 5, sha256: {'1' * 64}}}]",
                "yanked": "{reason: x, on: 2026-01-01T00:00:00Z}",
            },
        ),
        "default-version-yanked models/v/model.yaml:7:1 default_version",
    ),
    case(
        "API with artifacts",
        {
            "models/s/model.yaml": model(default_version="1.0.0"),
            "models/s/versions/1.0.0.yaml": artifacts()[VERSION_PATH],
        },
        "schema-invalid models/s/versions/1.0.0.yaml:4:1 source",
        "schema-invalid models/s/versions/1.0.0.yaml:5:1 files",
    ),
    case(
        "policy with an unknown rule's severity",
        {"policy.yaml": "severity: {license-missing: ignore}\n"},
        "schema-invalid policy.yaml:1:12 severity.license-missing",
    ),
    case(
        "catalog of another format", {"catalog.yaml": "format: 2\n"}, "schema-invalid catalog.yaml:1:1 format"
    ),
    case(
        "licence without a source",
        {"licenses/X.yaml": "id: X\nname: X\n"},
        "schema-invalid licenses/X.yaml:1:1 source",
    ),
    case(
        "denied without a subject",
        {"policy.yaml": "denied:\n  - {reason: x}\n"},
        "schema-invalid policy.yaml:2:5 denied.0",
    ),
)
assert len(API) == 6
