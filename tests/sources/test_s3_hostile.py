"""The S3 source against a made-up server on loopback that answers what no honest store would."""

from __future__ import annotations

import threading
import tracemalloc
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, urlsplit
from xml.sax.saxutils import escape

import pytest

from budmodel.errors import BudmodelError, NotFoundError, OutsideError, UsageError
from budmodel.sources import listing_rules, s3_listing
from budmodel.sources.s3 import S3Source, open_source
from sources.s3_server import SECRET_KEY, aws  # noqa: F401

pytestmark = pytest.mark.usefixtures("aws")

Answer = tuple[int, dict[str, str], bytes]
Query = dict[str, str]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Fake

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        self.server.asked.append(f"{self.command} {self.path}")
        status, headers, body = self.server.answer(self.command, query)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815 - http.server's name

    def log_message(self, *_: object) -> None:
        """Nothing goes to the terminal."""


class Fake(ThreadingHTTPServer):
    """Answers what it is told to: ``listed`` for lists, ``got`` for objects."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str] = []
        self.listed: Callable[[Query], Answer] = lambda query: page([])
        self.got: Answer = (404, {}, b"")

    @property
    def source(self) -> S3Source:
        return open_source("s3://bucket/m", endpoint_url=f"http://127.0.0.1:{self.server_port}")

    def answer(self, method: str, query: Query) -> Answer:
        if "versioning" in query:
            return 200, {}, b"<VersioningConfiguration/>"
        if "list-type" in query:
            return self.listed(query)
        return self.got


@pytest.fixture
def fake() -> Iterator[Fake]:
    with Fake() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def entry(key: str, size: object = 1, etag: str = '"ab"', more: str = "") -> str:
    return (
        f"<Contents><Key>{escape(quote(key, safe='/'))}</Key><Size>{size}</Size><ETag>{escape(etag)}</ETag>"
        f"<LastModified>2026-01-02T03:04:05.000Z</LastModified>{more}</Contents>"
    )


def page(entries: list[str], token: str | None = None) -> Answer:
    following = f"<NextContinuationToken>{token}</NextContinuationToken>" if token else ""
    truncated = "true" if token is not None else "false"
    body = (
        f"<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>{truncated}</IsTruncated>{following}"
        f"{''.join(entries)}</ListBucketResult>"
    )
    return 200, {"Content-Type": "application/xml"}, body.encode()


def refused(fake: Fake, kind: type[BudmodelError] = OutsideError) -> str:
    with pytest.raises(BudmodelError) as refusal:
        fake.source.listing()
    message = str(refusal.value)
    assert refusal.type is kind, message
    assert message.isprintable()
    assert message.count(". ") == 0
    assert message.endswith(".")
    assert SECRET_KEY not in message
    return message


@pytest.mark.parametrize(
    ("key", "word"),
    [
        ("m/../x", "'.' or '..'"),
        ("m/./x", "'.' or '..'"),
        ("m/.", "'.' or '..'"),
        ("m//abs", "begins with /"),
        ("m/a//b", "empty part"),
        ("m/folder/", "empty part"),
        ("m/a\\b", "backslash"),
        ("m/a\nb", r"'a\nb'"),
        ("m/a\x7fb", r"'a\x7fb'"),
        ("m/\ufeffx", r"'\ufeffx'"),
        ("m/" + "x" * 256, "longer than 255 bytes"),
        ("m/" + "é" * 128, "longer than 255 bytes"),
        ("m/" + "/".join(["x" * 100] * 11), "longer than 1024 characters"),
        ("elsewhere/x", "which is elsewhere"),
    ],
)
def test_hostile_keys(fake: Fake, key: str, word: str) -> None:
    fake.listed = lambda query: page([entry("m/fine"), entry(key)])
    assert word in refused(fake)


def test_bytes_that_are_no_utf8(fake: Fake) -> None:
    status, headers, body = page([entry("m/BYTES")])
    fake.listed = lambda query: (status, headers, body.replace(b"BYTES", b"%FF%FE"))
    assert "not UTF-8" in refused(fake)


@pytest.mark.parametrize(
    ("keys", "word"),
    [
        (["m/a", "m/a"], "twice"),
        (["m/a", "m/a/b"], "both as a file and as a folder"),
        (["m/a", "m/A"], "one name"),
    ],
)
def test_keys_that_collide(fake: Fake, keys: list[str], word: str) -> None:
    fake.listed = lambda query: page([entry(key) for key in keys])
    assert word in refused(fake)


@pytest.mark.parametrize("size", ["-1", str(1 << 61), "many", ""])
def test_absurd_sizes(fake: Fake, size: str) -> None:
    fake.listed = lambda query: page([entry("m/a", size)])
    refused(fake)


def test_an_object_that_cannot_be_pinned(fake: Fake) -> None:
    fake.listed = lambda query: page([entry("m/a", etag="")])
    assert "s3://bucket/m/a has no ETag" in refused(fake)


def test_more_files_than_a_model_has(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing_rules, "MAX_FILES", 2_500)

    def listed(query: Query) -> Answer:
        first = int(query.get("continuation-token", "0"))
        return page([entry(f"m/{number}") for number in range(first, first + 1000)], str(first + 1000))

    fake.listed = listed
    assert "holds more than 2,500 files" in refused(fake)
    assert len(fake.asked) == 3


def test_a_list_without_end(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_listing, "MAX_PAGES", 20)
    fake.listed = lambda query: page([], str(len(fake.asked)))
    assert "has over 20 pages" in refused(fake)
    fake.listed = lambda query: page([], "same")
    assert "stops in the middle" in refused(fake)
    fake.listed = lambda query: page([], "")
    assert "stops in the middle" in refused(fake)


def pages_of(fake: Fake, count: int) -> S3Source:
    pages = [
        page(
            [entry(f"m/{number:05}") for number in range(first, first + 1000)],
            str(first + 1000) if first + 1000 < count else None,
        )
        for first in range(0, count, 1000)
    ]
    fake.listed = lambda query: pages[int(query.get("continuation-token", "0")) // 1000]
    return fake.source


def test_ten_thousand_objects_take_ten_pages(fake: Fake) -> None:
    assert len(pages_of(fake, 10_000).listing().paths) == 10_000
    assert len(fake.asked) == 11


def test_pages_come_and_go_and_only_the_result_is_kept(fake: Fake) -> None:
    # What boto3 loads for the first request is not the list's.
    pages_of(fake, 2_000).listing()
    above = {}
    for count in (2_000, 4_000):
        source = pages_of(fake, count)
        tracemalloc.start()
        try:
            source.listing()
            kept, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert kept < (count + 1_000) * 700
        above[count] = peak - kept
    assert above[4_000] < above[2_000] + (2 << 20)


def test_only_what_the_list_says_has_a_sha256_is_asked_for_it(fake: Fake) -> None:
    sha256 = "<ChecksumAlgorithm>SHA256</ChecksumAlgorithm>"
    crc = "<ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType>"
    composite = f"{sha256}<ChecksumType>COMPOSITE</ChecksumType>"
    kinds = {"a": sha256, "b": crc, "c": composite, "d": ""}
    fake.listed = lambda query: page([entry(f"m/{name}", more=more) for name, more in kinds.items()])
    fake.got = (200, {"ETag": '"ab"', "Content-Length": "1"}, b"x")
    fake.source.listing()
    assert [line for line in fake.asked if line.startswith("HEAD")] == ["HEAD /bucket/m/a"]


ERRORS = [
    (403, "AccessDenied", OutsideError, "S3 denies access to s3://bucket/m/; "),
    (403, "InvalidAccessKeyId", OutsideError, "does not accept the credentials"),
    (403, "SignatureDoesNotMatch", OutsideError, "does not accept the credentials"),
    (400, "ExpiredToken", OutsideError, "has expired"),
    (403, "RequestTimeTooSkewed", OutsideError, "set the clock"),
    (404, "NoSuchBucket", NotFoundError, "does not exist"),
    (301, "PermanentRedirect", OutsideError, "in another region"),
    (400, "AuthorizationHeaderMalformed", OutsideError, "in another region"),
    (503, "SlowDown", OutsideError, "asks to slow down"),
    (500, "InternalError", OutsideError, "failed by itself"),
    (418, "Teapot", OutsideError, "refuses to answer for s3://bucket/m/ (Teapot)"),
    (418, "\x1b[31m" + SECRET_KEY, OutsideError, "refuses to answer for s3://bucket/m/ (418)"),
]


@pytest.mark.parametrize(("status", "code", "kind", "words"), ERRORS)
def test_what_s3_can_refuse(
    fake: Fake, status: int, code: str, kind: type[BudmodelError], words: str
) -> None:
    text = f"{SECRET_KEY} AKIA?X-Amz-Signature=1"
    body = f"<Error><Code>{code.replace(chr(27), '')}</Code><Message>{text}</Message></Error>"
    fake.listed = lambda query: (status, {}, body.encode())
    message = refused(fake, kind)
    assert words in message
    assert "AKIA" not in message
    assert "Signature" not in message


def test_throttling_is_waited_for(fake: Fake, aws: pytest.MonkeyPatch) -> None:  # noqa: F811
    aws.setenv("AWS_MAX_ATTEMPTS", "3")
    answers = [page([entry("m/a")])] + [(503, {}, b"<Error><Code>SlowDown</Code></Error>")] * 2
    fake.listed = lambda query: answers.pop()
    fake.got = (200, {"ETag": '"ab"', "Content-Length": "1"}, b"x")
    assert fake.source.listing().paths == ("a",)


@pytest.mark.parametrize(
    "body", [b"<html>Welcome to the hotel</html>", b"<a><b></a>", b"{}", b"\xff\xfe", b""]
)
def test_a_server_that_is_not_s3(fake: Fake, body: bytes) -> None:
    fake.listed = lambda query: (200, {"Content-Type": "text/html"}, body)
    with pytest.raises(BudmodelError):
        fake.source.listing()


def test_a_redirect_to_another_host_is_not_followed(fake: Fake) -> None:
    with Fake() as other:
        fake.listed = lambda query: (307, {"Location": f"http://127.0.0.1:{other.server_port}/"}, b"")
        assert "another region or at another address" in refused(fake)
        assert other.asked == []


@pytest.mark.parametrize(
    ("headers", "body", "words"),
    [
        ({"ETag": '"other"', "Content-Range": "bytes 1-2/9"}, b"xx", "was changed or removed"),
        ({"ETag": '"ab"'}, b"whole one", "does not answer with the part"),
        ({"ETag": '"ab"', "Content-Range": "bytes 0-1/9"}, b"xx", "does not answer with the part"),
        ({"ETag": '"ab"', "Content-Range": "bytes 1-2/9"}, b"xxx", "does not answer with the part"),
    ],
)
def test_a_store_that_ignores_pins_or_ranges(
    fake: Fake, headers: dict[str, str], body: bytes, words: str
) -> None:
    fake.listed = lambda query: page([entry("m/a", 9)])
    fake.got = (200, {"ETag": '"ab"', "Content-Length": "9"}, b"")
    source = fake.source
    source.listing()
    fake.got = (200, headers, body)
    with pytest.raises(OutsideError, match=words):
        source.read("a", start=1, length=2)


@pytest.mark.parametrize(
    "endpoint",
    [
        *(
            "",
            "127.0.0.1:9000",
            "ftp://host",
            "http://",
            "http://host:99999",
            "http://host:port",
            "http://a b",
        ),
        *("http://user:hunter2@127.0.0.1:1", "http://127.0.0.1:1/?X-Amz-Signature=hunter2", "http://[::1"),
    ],
)
def test_endpoints_that_are_none(endpoint: str, aws: pytest.MonkeyPatch) -> None:  # noqa: F811
    with pytest.raises(UsageError, match="endpoint") as refusal:
        open_source("s3://bucket/m", endpoint_url=endpoint)
    assert "hunter2" not in str(refusal.value)
    # An empty variable is none.
    aws.setenv("AWS_ENDPOINT_URL", endpoint or "-")
    with pytest.raises(UsageError, match="endpoint") as refusal:
        open_source("s3://bucket/m")
    assert "hunter2" not in str(refusal.value)
