"""Files that are not the YAML which the catalog allows."""

from __future__ import annotations

from hostile.kit import API, RELEASE, Case, case, model, record

TEXT = model()
DEEP = 31
HAS_VERSION = {"models/s/model.yaml": model(default_version="1.0.0")}
BOMB = (
    "a: &a [x, x, x, x, x, x, x, x, x]",
    *(f"{b}: &{b} [{', '.join(['*' + a] * 9)}]" for a, b in ("ab", "bc", "cd")),
)

REFUSED: tuple[Case, ...] = (
    case("duplicate key", model("name: s"), "yaml-invalid @:7:1 -"),
    case("duplicate key in quotes", model('"name": s'), "yaml-invalid @:7:1 -"),
    case("duplicate key by escape", model('"n\\u0061me": s'), "yaml-invalid @:7:1 -"),
    case(
        "duplicate nested key", model("modalities:", "  input: [x]", "  input: [y]"), "yaml-invalid @:9:3 -"
    ),
    case("duplicate key in a flow mapping", model("links: {paper: a, paper: b}"), "yaml-invalid @:7:19 -"),
    case("anchor", model("tags: &a [x]"), "yaml-invalid @:7:7 -"),
    case("anchor on a key", model("&a tags: [x]"), "yaml-invalid @:7:1 -"),
    case("anchor on the root", "&a\n" + TEXT, "yaml-invalid @:1:1 -"),
    case("alias", model("tags: *a"), "yaml-invalid @:7:7 -"),
    case("alias as a key", model("*a : x"), "yaml-invalid @:7:1 -"),
    case("alias bomb", model(*BOMB), "yaml-invalid @:7:4 -"),
    case("recursive alias", model("tags: &a [*a]"), "yaml-invalid @:7:7 -"),
    case("merge key", model("<<: {a: 1}"), "yaml-invalid @:7:1 -"),
    case("merge bomb", model(f"<<: [{', '.join(['*a'] * 50_000)}]"), "yaml-invalid @:7:1 -"),
    case("tag", model("tags: !x [a]"), "yaml-invalid @:7:7 -"),
    case("tag of the core schema", model("contact: !!str x"), "yaml-invalid @:7:10 -"),
    case(
        "tag of Python", model('contact: !!python/object/apply:os.system ["true"]'), "yaml-invalid @:7:10 -"
    ),
    case("tag on the root", "!!python/object:os.x\n" + TEXT, "yaml-invalid @:1:1 -"),
    case("tag !", model("contact: ! x"), "yaml-invalid @:7:10 -"),
    case("directive %YAML", "%YAML 1.1\n---\n" + TEXT, "yaml-invalid @:1:1 -"),
    case("directive %TAG", "%TAG ! tag:x,2000:\n---\n" + TEXT, "yaml-invalid @:1:1 -"),
    case("two documents", model("---", "name: s"), "yaml-invalid @:7:1 -"),
    case("two documents with an end", model("...", "---", "name: s"), "yaml-invalid @:8:1 -"),
    case("33 levels", model(f"tags: {'[' * 32}{']' * 32}"), "yaml-invalid @:7:38 -"),
    case("32 levels", model(f"tags: {'[' * DEEP}{']' * DEEP}"), "schema-invalid @:7:8 tags.0"),
    case("100,000 brackets", model("tags: " + "[" * 100_000), "yaml-invalid @:7:38 -"),
    case("100,000 braces", model("links: " + "{a: " * 100_000), "yaml-invalid @:7:132 -"),
    case("100,000 dashes", model("tags:", "- " * 100_000), "yaml-invalid @:8:63 -"),
    case("over 1 MiB", TEXT + "#" * (1 << 20), "yaml-invalid @:1:1 -"),
    case("a line of 2 MiB", model(f"description: {'x' * (2 << 20)}"), "yaml-invalid @:1:1 -"),
    case("a line of 900 kB", model(f"description: {'x' * 900_000}"), "schema-invalid @:7:1 description"),
    case(
        "a key of 900 kB",
        model(f"{'x' * 900}: 1", f"? {'y' * 900_000}\n: 1"),
        "schema-invalid @:7:1 " + "x" * 200,
        "schema-invalid @:8:3 " + "y" * 200,
    ),
    case("UTF-16 with a mark", TEXT.encode("utf-16"), "yaml-invalid @:1:1 -"),
    case("UTF-16 without a mark", TEXT.encode("utf-16-le"), "yaml-invalid @:1:2 -"),
    case("UTF-32", TEXT.encode("utf-32"), "yaml-invalid @:1:1 -"),
    case("Latin-1", model("contact: Jürgen").encode("latin-1"), "yaml-invalid @:7:11 -"),
    case(
        "not UTF-8 after other letters",
        model("contact: äöü").encode() + b"# \xc3\xa4\xff",
        "yaml-invalid @:8:4 -",
    ),
    case("half a character at the end", model("contact: ü").encode()[:-2], "yaml-invalid @:7:10 -"),
    case("overlong UTF-8", TEXT.encode() + b"# \xc0\xaf\n", "yaml-invalid @:7:3 -"),
    case("a surrogate in UTF-8", TEXT.encode() + b"# \xed\xa0\x80\n", "yaml-invalid @:7:3 -"),
    case("mark in the middle", model("contact: a\ufeffb"), "yaml-invalid @:7:11 -"),
    case("NUL", model("contact: a\0b"), "yaml-invalid @:7:11 -"),
    case("NUL beside letters", model("contact: ä\0b"), "yaml-invalid @:7:11 -"),
    case("NUL by escape", model(r'contact: "a\0b"'), "yaml-invalid @:7:10 -"),
    case("terminal escape", model("contact: a\x1b[31m"), "yaml-invalid @:7:11 -"),
    case("terminal escape by escape", model(r'contact: "a\e[31m"'), "yaml-invalid @:7:10 -"),
    case("control character in a comment", model("# a\x08b"), "yaml-invalid @:7:4 -"),
    case("DEL", model("contact: a\x7f"), "yaml-invalid @:7:11 -"),
    case("C1 control character", model("contact: a\x85b"), "yaml-invalid @:7:11 -"),
    case("carriage return alone", model("contact: a # b\rtags: [x]"), "yaml-invalid @:7:15 -"),
    case("carriage return by escape", model(r'contact: "a\rb"'), "yaml-invalid @:7:10 -"),
    case("line separator", model("contact: a\u2028b"), "yaml-invalid @:7:11 -"),
    case("bidi override", model("contact: a\u202eb"), "yaml-invalid @:7:11 -"),
    case("bidi override in a comment", model("# ok \u2066 x"), "yaml-invalid @:7:6 -"),
    case("bidi override by escape", model(r'contact: "a\u202eb"'), "yaml-invalid @:7:10 -"),
    case("bidi override by escape in a key", model(r'"a\u202eb": 1'), "yaml-invalid @:7:1 -"),
    case("lone surrogate by escape", model(r'contact: "a\ud800b"'), "yaml-invalid @:7:14 -"),
    case("beyond Unicode by escape", model(r'contact: "a\UFFFFFFFF"'), "yaml-invalid @:7:14 -"),
    case(
        "beyond Unicode in the slow parser",
        model("links: {a: s3://b}", r'contact: "\UFFFFFFFF"'),
        "yaml-invalid @:1:1 -",
    ),
    case("tab as indentation", model("modalities:", "\tinput: [x]"), "yaml-invalid @:8:1 -"),
    case("unclosed quote", model('contact: "abc'), "yaml-invalid @:7:10 -"),
    case("unclosed bracket", model("tags: [a, b"), "yaml-invalid @:7:7 -"),
    case("a bracket too many", model("tags: [a]]"), "yaml-invalid @:7:10 -"),
    case("a key without a colon", model("tags"), "yaml-invalid @:7:1 -"),
    case("wrong indentation", model("  tags: [a]"), "yaml-invalid @:7:3 -"),
    case("complex key", model("? [a, b]", ": c"), "yaml-invalid @:7:3 -"),
    case("mapping as a key", model("{a: b}: c"), "yaml-invalid @:7:1 -"),
    case("directive after the record", model("%x"), "yaml-invalid @:7:3 -"),
    case("reserved indicator", model("contact: @me"), "yaml-invalid @:7:10 -"),
    case(
        "version over 16 MiB",
        {**HAS_VERSION, "models/s/versions/1.0.0.yaml": RELEASE + "#" * (16 << 20)},
        "yaml-invalid models/s/versions/1.0.0.yaml:1:1 -",
    ),
    case("version of 2 MiB", {**HAS_VERSION, "models/s/versions/1.0.0.yaml": RELEASE + "#" * (2 << 20)}),
    case(
        "larger than memory",
        {"models/s/model.yaml": lambda path: (path.touch(), __import__("os").truncate(path, 1 << 42))[0]},
        "yaml-invalid @:1:1 -",
    ),
)

ACCEPTED: tuple[Case, ...] = (
    case("byte order mark", "\ufeff" + TEXT),
    case("CRLF", TEXT.replace("\n", "\r\n")),
    case("byte order mark and CRLF", "\ufeff" + TEXT.replace("\n", "\r\n")),
    case("no newline at the end", TEXT.rstrip()),
    case("explicit document", "---\n" + TEXT + "...\n"),
    case("a comment of 900 kB", TEXT + "#" * 900_000),
    case("emoji and joiners", model('contact: "👩\u200d🔬 مرکز\u200cما"')),
    case("a merge key that is text", model("annotations: {example.org/x: '<<'}")),
    case("colons in flow collections", model("links: {paper: https://example.org/x?a=b}")),
    case(
        "position after a mark", "\ufeff" + model(parameter_count="0"), "schema-invalid @:3:1 parameter_count"
    ),
    case(
        "position after CRLF",
        model(parameter_count="0").replace("\n", "\r\n"),
        "schema-invalid @:3:1 parameter_count",
    ),
    case(
        "position right after a mark",
        "\ufeff" + record({"nmae": "s", **{k: v for k, v in API.items() if k != "name"}}),
        "schema-invalid @:1:1 name",
        "schema-invalid @:1:1 nmae",
    ),
    case(
        "position after wide letters",
        model("links: {paper: 日本語, demo: 5}"),
        "schema-invalid @:7:21 links.demo",
        "schema-invalid @:7:9 links.paper",
    ),
)
