"""The S3 source against a real server: what it lists, how it pins, and that it reads what it pinned."""

from __future__ import annotations

import hashlib
import threading
import tracemalloc
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest

from budmodel.errors import BudmodelError, NotFoundError, OutsideError, UsageError
from budmodel.sources import s3_listing, s3_read
from budmodel.sources.interface import Listing, RemoteFile
from budmodel.sources.s3 import S3Source, open_source, parse_uri
from sources.s3_server import S3Server, aws, s3  # noqa: F401

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture
def store(s3: S3Server) -> S3Server:  # noqa: F811
    return s3


def files_of(listing: Listing) -> dict[str, RemoteFile]:
    assert listing.files is not None
    return {file.path: file for file in listing.files}


def opened(store: S3Server, bucket: str, prefix: str = "m") -> S3Source:
    return open_source(f"s3://{bucket}/{prefix}", endpoint_url=store.endpoint)


class Calls:
    """Counts the requests of a source, by operation."""

    def __init__(self, source: S3Source) -> None:
        self.made: dict[str, int] = {}
        source._client.boto.meta.events.register("before-send.s3", self._count)

    def _count(self, event_name: str, **_: Any) -> None:
        operation = event_name.rpartition(".")[2]
        self.made[operation] = self.made.get(operation, 0) + 1


def test_lists_what_is_below_the_folder_and_nothing_of_its_neighbours(store: S3Server) -> None:
    bucket = store.bucket()
    for key in ("m/config.json", "m/sub/w.gguf", "my/other.json", "m.txt", "M/upper"):
        store.put(bucket, key, key.encode())
    store.put(bucket, "m/", b"")
    store.put(bucket, "m/empty/", b"")
    for uri in (f"s3://{bucket}/m", f"s3://{bucket}/m/"):
        listing = open_source(uri, endpoint_url=store.endpoint).listing()
        assert listing.paths == ("config.json", "sub/w.gguf")
        assert listing.source == {"type": "s3", "uri": f"s3://{bucket}/m/"}
        assert listing.storage_path == f"s3://{bucket}/m/"
        assert listing.suggested_name == "m"
        assert listing.released is not None
        assert listing.notes[0].startswith("The bucket keeps no versions")
    config = files_of(listing)["config.json"]
    assert (config.size, config.version_id) == (13, None)
    assert config.etag == hashlib.md5(b"m/config.json").hexdigest()


def test_honours_the_endpoint_variable_and_names_a_model_by_the_part_before_its_version(
    store: S3Server,
    aws: pytest.MonkeyPatch,  # noqa: F811
) -> None:
    aws.setenv("AWS_ENDPOINT_URL", store.endpoint)
    bucket = store.bucket()
    store.put(bucket, "Llama-3.1_8B/1.0.0/config.json", b"{}")
    assert open_source(f"s3://{bucket}/Llama-3.1_8B/1.0.0").listing().suggested_name == "llama-3.1_8b"
    assert open_source(f"s3://{bucket}").listing().suggested_name == bucket


def test_lists_pages_with_few_requests_and_no_request_for_each_small_object(store: S3Server) -> None:
    bucket = store.bucket()
    store.fill(bucket, (f"m/{number:05}" for number in range(2_500)))
    source = opened(store, bucket)
    calls = Calls(source)
    assert len(source.listing().paths) == 2_500
    assert calls.made == {"ListObjectsV2": 3, "GetBucketVersioning": 1}


def test_lists_the_pages_of_versions(store: S3Server) -> None:
    bucket = store.bucket(versioned=True)
    store.fill(bucket, (f"m/{number:05}" for number in range(1_100)))
    latest = store.put(bucket, "m/00007", b"newer")
    source = opened(store, bucket)
    calls = Calls(source)
    files = files_of(source.listing())
    assert len(files) == 1_100
    assert files["00007"].version_id == latest["VersionId"]
    assert calls.made["ListObjectVersions"] >= 2
    assert "HeadObject" not in calls.made


def test_pins_versions_and_reads_the_pinned_one_after_it_was_replaced_and_deleted(store: S3Server) -> None:
    bucket = store.bucket(versioned=True)
    store.put(bucket, "m/a", b"before")
    pinned = store.put(bucket, "m/a", b"pinned")["VersionId"]
    store.put(bucket, "m/gone", b"gone")
    store.client.delete_object(Bucket=bucket, Key="m/gone")
    source = opened(store, bucket)
    assert source.listing().paths == ("a",)
    assert files_of(source.listing())["a"].version_id == pinned
    assert source.listing().notes == ()
    store.put(bucket, "m/a", b"after")
    store.client.delete_object(Bucket=bucket, Key="m/a")
    assert source.read("a") == b"pinned"
    assert source.sha256("a") == hashlib.sha256(b"pinned").hexdigest()


def test_an_object_from_before_versioning_is_pinned_by_its_etag(store: S3Server) -> None:
    bucket = store.bucket()
    store.put(bucket, "m/old", b"old")
    store.client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    new = store.put(bucket, "m/new", b"new")["VersionId"]
    source = opened(store, bucket)
    files = files_of(source.listing())
    assert (files["old"].version_id, files["new"].version_id) == (None, new)
    assert source.read("old") == b"old"


@pytest.mark.parametrize("versioned", [False, True])
def test_takes_the_checksum_of_a_whole_object_and_never_that_of_its_parts(
    store: S3Server, versioned: bool
) -> None:
    bucket, body = store.bucket(versioned=versioned), b"weights"
    store.put(bucket, "m/whole", body, ChecksumAlgorithm="SHA256")
    store.put(bucket, "m/crc", body)
    for name, sizes in (("parts", (5 << 20, 3)), ("one-part", (3,))):
        upload = store.client.create_multipart_upload(
            Bucket=bucket, Key=f"m/{name}", ChecksumAlgorithm="SHA256"
        )["UploadId"]
        place = {"Bucket": bucket, "Key": f"m/{name}", "UploadId": upload}
        parts = []
        for number, size in enumerate(sizes, 1):
            part = store.client.upload_part(
                **place, PartNumber=number, Body=bytes(size), ChecksumAlgorithm="SHA256"
            )
            parts.append(
                {"PartNumber": number, "ETag": part["ETag"], "ChecksumSHA256": part["ChecksumSHA256"]}
            )
        store.client.complete_multipart_upload(**place, MultipartUpload={"Parts": parts})
    source = opened(store, bucket)
    files = files_of(source.listing())
    assert files["whole"].sha256 == hashlib.sha256(body).hexdigest()
    assert [files[name].sha256 for name in ("crc", "parts", "one-part")] == [None, None, None]
    assert source.sha256("parts") == hashlib.sha256(bytes((5 << 20) + 3)).hexdigest()


@pytest.mark.parametrize(
    ("head", "taken"),
    [
        ({"ETag": '"ab"'}, True),
        ({"ETag": '"ab-2"'}, False),
        ({"ETag": '"ab-2"', "ChecksumType": "FULL_OBJECT"}, True),
        ({"ETag": '"ab"', "ChecksumType": "COMPOSITE"}, False),
        ({"ETag": '"ab"', "ChecksumSHA256": "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=-1"}, False),
        ({"ETag": '"ab"', "ChecksumSHA256": "AAAA"}, False),
        ({"ETag": '"ab"', "ChecksumSHA256": "\u00e9"}, False),
        ({}, False),
    ],
)
def test_what_counts_as_the_digest_of_an_object(head: dict[str, str], taken: bool) -> None:
    answer = {"ChecksumSHA256": "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=", **head}
    digest = hashlib.sha256(b"abc").hexdigest()
    assert s3_listing._digest(answer) == (digest if taken else None)


def test_reads_ranges_and_refuses_what_is_too_large(store: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket, body = store.bucket(), bytes(range(256)) * 16
    store.put(bucket, "m/w", body)
    store.put(bucket, "m/empty", b"")
    source = opened(store, bucket)
    assert source.read("w") == body
    assert source.read("w", start=8, length=100) == body[8:108]
    assert source.read("w", start=4_090, length=100) == body[4_090:]
    assert source.read("w", start=5_000, length=1) == b""
    assert source.read("w", start=4_000) == body[4_000:]
    assert source.read("empty") == b""
    assert source.sha256("empty") == hashlib.sha256().hexdigest()
    monkeypatch.setattr("budmodel.sources.s3.MAX_SMALL_FILE", 100)
    with pytest.raises(OutsideError, match="too large to be read at once"):
        source.read("w")
    with pytest.raises(OutsideError, match="is not in the list of"):
        source.read("../w")


def test_hashes_a_large_object_in_order_with_bounded_memory(
    store: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_read, "RANGE", 1 << 20)
    bucket, body = store.bucket(), b"".join(number.to_bytes(4, "big") for number in range(10 << 20))
    store.put(bucket, "m/w", body)
    source = opened(store, bucket)
    source.listing()
    seen: list[tuple[str, int, int]] = []
    tracemalloc.start()
    try:
        digest = source.sha256("w", lambda *step: seen.append(step))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert digest == hashlib.sha256(body).hexdigest()
    assert seen[-1] == ("w", 40 << 20, 40 << 20)
    assert [step[1] for step in seen] == sorted(step[1] for step in seen)
    assert peak < 20 << 20


@pytest.mark.parametrize("change", ["replaced", "same-size", "deleted"])
def test_an_object_that_changes_while_it_is_hashed_is_no_digest(
    store: S3Server, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    monkeypatch.setattr(s3_read, "RANGE", 1 << 20)
    bucket = store.bucket()
    store.put(bucket, "m/w", bytes(12 << 20))
    source = opened(store, bucket)
    done = threading.Event()

    def disturb(*_: object) -> None:
        if not done.is_set():
            done.set()
            if change == "deleted":
                store.client.delete_object(Bucket=bucket, Key="m/w")
            else:
                store.put(bucket, "m/w", b"\1" * ((12 << 20) if change == "same-size" else 5))

    with pytest.raises(OutsideError, match="was changed or removed while it was read; run the command again"):
        source.sha256("w", disturb)
    assert done.is_set()


def test_an_object_that_changed_before_it_is_read_is_refused(store: S3Server) -> None:
    bucket = store.bucket()
    for name in ("m/w", "m/empty"):
        store.put(bucket, name, b"" if name == "m/empty" else b"before")
    source = opened(store, bucket)
    source.listing()
    store.put(bucket, "m/w", b"after!")
    store.put(bucket, "m/empty", b"!")
    reads: list[Callable[[], object]] = [
        lambda: source.read("w"),
        lambda: source.sha256("w"),
        lambda: source.sha256("empty"),
    ]
    for read in reads:
        with pytest.raises(OutsideError, match="was changed or removed"):
            read()


@pytest.mark.parametrize(
    ("keys", "word"),
    [
        (["c\x01d"], r"'c\\x01d' whose name has characters that cannot be read"),
        (["a\u202eb"], r"a\\u202eb"),
        (["A", "a"], "'A' and 'a'"),
        (["D/x", "d/y"], "'D' and 'd'"),
        ([unicodedata.normalize(form, "caf\u00e9") for form in ("NFC", "NFD")], r"caf\\xe9"),
        (["stra\u00dfe", "STRASSE"], "one name"),
    ],
)
def test_keys_that_are_no_safe_paths_are_refused(store: S3Server, keys: list[str], word: str) -> None:
    bucket = store.bucket()
    for key in keys:
        store.put(bucket, f"m/{key}", b"x")
    with pytest.raises(OutsideError, match=word) as refusal:
        opened(store, bucket).listing()
    assert str(refusal.value).isprintable()


def test_keys_with_unicode_spaces_and_signs_are_taken_as_they_are(store: S3Server) -> None:
    bucket = store.bucket()
    names = ["sp ace?#&+%2e=.bin", "Größe/模型.bin", "é", "/".join(["k" * 100] * 10)]
    for name in names:
        store.put(bucket, f"m/{name}", name.encode())
    source = opened(store, bucket)
    assert list(source.listing().paths) == sorted(names)
    for name in names:
        assert source.read(name) == name.encode()


@pytest.mark.parametrize(
    ("variables", "kind", "words"),
    [
        ({"AWS_SECRET_ACCESS_KEY": "wrong-secret"}, OutsideError, "does not accept the credentials"),
        ({"AWS_ACCESS_KEY_ID": "AKNOBODY"}, OutsideError, "does not accept the credentials"),
        (
            {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""},
            OutsideError,
            "There are no AWS credentials",
        ),
        ({"AWS_SECRET_ACCESS_KEY": ""}, OutsideError, "credentials"),
        ({"AWS_PROFILE": "nobody"}, UsageError, "The AWS profile does not exist"),
    ],
)
def test_wrong_credentials(
    store: S3Server,
    aws: pytest.MonkeyPatch,  # noqa: F811
    variables: dict[str, str],
    kind: type[BudmodelError],
    words: str,
) -> None:
    bucket = store.bucket()
    for name, value in variables.items():
        aws.setenv(name, value) if value else aws.delenv(name)
    with pytest.raises(kind, match=words) as refusal:
        opened(store, bucket).listing()
    assert not any(value in str(refusal.value) for value in variables.values() if value)


def test_a_missing_bucket_and_an_empty_prefix(store: S3Server) -> None:
    with pytest.raises(NotFoundError, match=r"^The bucket of s3://no-such-bucket-here/m/ does not exist; "):
        opened(store, "no-such-bucket-here").listing()
    bucket = store.bucket()
    store.put(bucket, "mm/x", b"x")
    with pytest.raises(UsageError, match=rf"^There are no objects below s3://{bucket}/m/; "):
        opened(store, bucket).listing()


@pytest.mark.parametrize(
    "uri",
    [
        *(
            "",
            "s3:/b/x",
            "http://b/x",
            "s3://",
            "s3:///x",
            "s3://b b/x",
            "s3://bucket/../x",
            "s3://bucket/a//b",
        ),
        *("s3://bucket/a b", "s3://bucket/x?X-Amz-Signature=abc", "s3://user:secret@bucket/x"),
        "s3://bucket/%2e%2e/x",
    ],
)
def test_what_is_no_uri_of_a_model(uri: str) -> None:
    with pytest.raises(UsageError) as refusal:
        parse_uri(uri)
    assert "secret" not in str(refusal.value)
    assert "Signature" not in str(refusal.value)


def test_the_prefix_is_a_folder() -> None:
    assert parse_uri("s3://bucket") == parse_uri("S3://bucket/") == ("bucket", "")
    assert parse_uri("s3://bucket/a/b") == parse_uri("s3://bucket/a/b/") == ("bucket", "a/b/")
