"""The engine ``clamav`` on a real clamd: what lies anywhere in a file is found, no fault is clean."""

from __future__ import annotations

import bz2
import gzip
import io
import os
import signal
import tarfile
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import pytest

from budmodel.errors import OutsideError, UsageError
from budmodel.scanners.clamav import ClamavInspection, ClamavScanner
from budmodel.scanners.clamav_stream import Slicing
from budmodel.scanners.clamd_endpoint import Endpoint, Patience
from budmodel.scanners.clamd_version import engine_of
from budmodel.scanners.interface import Outcome, ScanConfig, Subject
from budmodel.schema.governance import ScanPolicy
from scanners.clamd_server import (
    EICAR,
    EICAR_NAME,
    MARKER,
    MARKER_NAME,
    SIGNATURES,
    Clamd,
    needs_clamd,
    running_clamd,
)

pytestmark = needs_clamd
SMALL = Slicing(window=8192, overlap=1024, largest=32_768)
ONLY_MARKER = SIGNATURES.splitlines(keepends=True)[1]


@pytest.fixture(scope="module")
def clamd() -> Iterator[Clamd]:
    with running_clamd() as one:
        yield one


@pytest.fixture(scope="module")
def scanner(clamd: Clamd) -> ClamavScanner:
    """With small windows, and started."""
    one = scanner_at(clamd.unix)
    one.start()
    return one


def scanner_at(*endpoints: str, slicing: Slicing = SMALL, patience: Patience | None = None) -> ClamavScanner:
    return ClamavScanner(
        ScanConfig(policy=ScanPolicy(), clamd=endpoints), slicing=slicing, patience=patience, environment={}
    )


def begin(scanner: ClamavScanner, size: int | None, format_name: str = "safetensors") -> ClamavInspection:
    return scanner.open(Subject(path="f", name="f", size=size, format=format_name, head=b""), no_members)


def scan(
    scanner: ClamavScanner, data: bytes, format_name: str = "safetensors", *, piece: int = 5000
) -> Outcome:
    inspection = begin(scanner, len(data), format_name)
    try:
        for start in range(0, len(data), piece):
            inspection.feed(data[start : start + piece])
        return inspection.finish(None)
    finally:
        inspection.close()


def no_members(*_: object, **__: object) -> NoReturn:
    raise AssertionError("ClamAV looks into no containers by itself")


def names(outcome: Outcome) -> list[str]:
    assert outcome.verdict == "found"
    assert outcome.bytes_seen == outcome.bytes_total
    return [found.detail for found in outcome.found]


def zipped(content: bytes, method: int = zipfile.ZIP_DEFLATED, padding: int = 0) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr(zipfile.ZipInfo("padding"), os.urandom(padding))
        archive.writestr("member", content)
    return buffer.getvalue()


# What is found


@pytest.mark.parametrize("size", [0, 1, 8191, 8192, 8193, 15_360, 15_361, 100_000])
def test_clean(scanner: ClamavScanner, size: int) -> None:
    outcome = scan(scanner, os.urandom(size))
    assert outcome == Outcome(engine="clamav", verdict="clean", bytes_seen=size, bytes_total=size)


@pytest.mark.parametrize("data", [EICAR, EICAR + bytes(50_000), bytes(50_000) + EICAR])
@pytest.mark.parametrize("piece", [1 << 20, 5000, 67])
def test_the_first_and_the_last_byte(scanner: ClamavScanner, data: bytes, piece: int) -> None:
    outcome = scan(scanner, data, piece=piece)
    assert names(outcome) == [EICAR_NAME]
    assert (outcome.found[0].code, outcome.found[0].severity) == ("malware", "critical")


@pytest.mark.parametrize("border", [8192, 8192 - 1024, 15_360, 14_336, 22_528])
def test_each_offset_around_each_border(scanner: ClamavScanner, border: int) -> None:
    filling = os.urandom(30_000)
    for start in range(border - len(MARKER) - 1, border + 2):
        data = filling[:start] + MARKER + filling[start:]
        assert names(scan(scanner, data)) == [MARKER_NAME], start


def test_windows_as_large_as_they_are_for_real(clamd: Clamd) -> None:
    one = ClamavScanner(ScanConfig(policy=ScanPolicy(), clamd=(clamd.unix,)))
    one.start()
    border = 64 << 20
    block = os.urandom(1 << 20)
    inspection = begin(one, border + (1 << 20))
    for _ in range(63):
        inspection.feed(block)
    inspection.feed(block[:-20] + MARKER[:20])
    inspection.feed(MARKER[20:] + block[len(MARKER) - 20 :])
    outcome = inspection.finish(None)
    assert names(outcome) == [MARKER_NAME]
    # The window that begins 1 MiB before the border of the first.
    first, last = border - (1 << 20), border + (1 << 20) - 1
    assert outcome.found[0].message == f"ClamAV found {MARKER_NAME} in the bytes from {first} to {last}"
    _, (limit,) = one.finish()
    assert (limit.window_bytes, limit.overlap_bytes) == (border, 1 << 20)


def test_all_that_is_found_is_told_once(scanner: ClamavScanner) -> None:
    data = (MARKER + bytes(9000) + EICAR + bytes(9000)) * 3
    outcome = scan(scanner, data)
    assert names(outcome) == [MARKER_NAME, EICAR_NAME]
    assert outcome.found[0].message.endswith("in the bytes from 0 to 8191")


@pytest.mark.parametrize(
    "format_name", ["zip", "pytorch", "torchscript", "keras", "unknown", "something-new"]
)
def test_in_a_container_beyond_a_window(scanner: ClamavScanner, format_name: str) -> None:
    data = zipped(EICAR, padding=20_000)
    assert EICAR not in data
    assert names(scan(scanner, data, format_name)) == [EICAR_NAME]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
def test_in_a_compressed_stream(scanner: ClamavScanner, pack: object) -> None:
    assert callable(pack)
    assert names(scan(scanner, pack(os.urandom(20_000) + EICAR), "compressed")) == [EICAR_NAME]


def test_in_a_tar_of_zips(scanner: ClamavScanner) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        inner = zipped(zipped(EICAR))
        info = tarfile.TarInfo("x")
        info.size = len(inner)
        archive.addfile(info, io.BytesIO(inner))
    assert names(scan(scanner, buffer.getvalue(), "tar")) == [EICAR_NAME]


def test_an_encrypted_zip(scanner: ClamavScanner) -> None:
    data = bytearray(zipped(os.urandom(5000), zipfile.ZIP_STORED))
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.rindex(magic)
        data[at + offset] |= 1
    outcome = scan(scanner, bytes(data), "zip")
    assert names(outcome) == ["Heuristics.Encrypted.Zip"]
    assert (outcome.found[0].code, outcome.found[0].severity) == ("encrypted", "medium")


# What nobody could search


def test_a_container_too_large_for_clamd_goes_in_windows(scanner: ClamavScanner) -> None:
    data = os.urandom(40_000)
    assert scan(scanner, data, "zip").verdict == "clean"
    assert names(scan(scanner, data + MARKER, "zip")) == [MARKER_NAME]


def test_a_container_that_turns_out_too_large(scanner: ClamavScanner) -> None:
    data = os.urandom(32_768 - 20) + MARKER + os.urandom(20_000)
    inspection = begin(scanner, None, "zip")
    for start in range(0, len(data), 3000):
        inspection.feed(data[start : start + 3000])
    assert names(inspection.finish(None)) == [MARKER_NAME]


@pytest.mark.parametrize("size", [None, 40_000])
def test_what_nobody_can_divide_is_not_clean_when_too_large(scanner: ClamavScanner, size: int | None) -> None:
    inspection = begin(scanner, size, "unknown")
    for _ in range(8):
        inspection.feed(os.urandom(5000))
    outcome = inspection.finish(None)
    assert outcome.verdict == "limit"
    assert outcome.bytes_seen == 32_768
    assert outcome.bytes_total == 40_000
    assert "32768 bytes" in outcome.message


@pytest.mark.parametrize("size", [0, 9999, 10_001])
def test_fewer_or_more_bytes_than_there_should_be(scanner: ClamavScanner, size: int) -> None:
    inspection = begin(scanner, size)
    inspection.feed(bytes(10_000))
    outcome = inspection.finish(None)
    assert (outcome.verdict, outcome.message) == ("error", f"10000 of {size} bytes came by")


@pytest.mark.parametrize(
    ("options", "limit"),
    [({"MaxFiles": "10"}, "MaxFiles"), ({"StreamMaxLength": "20K"}, "StreamMaxLength")],
)
@pytest.mark.parametrize("address", ["unix", "tcp"])
def test_clamd_stops_at_a_limit(options: dict[str, str], limit: str, address: str) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(300):
            archive.writestr(str(number), os.urandom(100))
    data = buffer.getvalue()
    slicing = Slicing(window=8192, overlap=1024)
    with running_clamd(options) as limited:
        one = scanner_at(getattr(limited, address), slicing=slicing)
        one.start()
        outcome = scan(one, data, "zip")
        assert (outcome.verdict, outcome.bytes_seen, outcome.bytes_total) == ("limit", 0, len(data))
        assert f"limit {limit}," in outcome.message
        # What is flat needs no more than a window.
        assert scan(one, data, "safetensors").verdict in ("clean", "limit")
        one.finish()


# Canaries


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"MaxFileSize": "1M"}, "raise MaxFileSize in its clamd.conf"),
        ({"MaxScanSize": "1M"}, "raise MaxScanSize in its clamd.conf"),
        ({"StreamMaxLength": "1M"}, "raise StreamMaxLength in its clamd.conf"),
        ({"StreamMaxLength": "10"}, "raise StreamMaxLength in its clamd.conf"),
        ({"MaxScanTime": "1"}, "raise MaxScanTime in its clamd.conf"),
        ({"MaxRecursion": "1"}, "raise MaxRecursion in its clamd.conf"),
        ({"ScanArchive": "no"}, "set ScanArchive yes"),
        ({"AlertExceedsMax": "no"}, "set AlertExceedsMax yes"),
        ({"AlertExceedsMax": None}, "set AlertExceedsMax yes"),
        ({"AlertExceedsMax": "no", "MaxFileSize": "1M"}, "set AlertExceedsMax yes"),
        ({"AlertExceedsMax": "no", "MaxRecursion": "200"}, "set AlertExceedsMax yes"),
    ],
)
@pytest.mark.parametrize("anchored", [False, True])
def test_limits_that_hide_something_are_noticed(
    options: dict[str, str | None], sentence: str, anchored: bool
) -> None:
    # As databases do that know EICAR only as a file of its own.
    signatures = SIGNATURES.replace(":*:", ":0:") if anchored else SIGNATURES
    slicing = Slicing(window=2 << 20, overlap=4096)
    with running_clamd(options, signatures) as limited, pytest.raises(OutsideError, match=sentence):
        scanner_at(limited.unix, slicing=slicing).start()


@pytest.mark.parametrize("signatures", [SIGNATURES, SIGNATURES.replace(":*:", ":0:")])
@pytest.mark.parametrize("options", [{}, {"MaxRecursion": "200"}, {"ExtendedDetectionInfo": "yes"}])
def test_no_limits(signatures: str, options: dict[str, str]) -> None:
    with running_clamd(options, signatures) as free:
        one = scanner_at(free.unix)
        one.start()
        assert names(scan(one, EICAR)) == [EICAR_NAME]
        one.finish()


def test_without_the_signature() -> None:
    with (
        running_clamd(signatures=ONLY_MARKER) as poor,
        pytest.raises(OutsideError, match="has no signatures"),
    ):
        scanner_at(poor.unix).start()


def test_who_is_told(clamd: Clamd) -> None:
    told: list[str] = []
    config = ScanConfig(policy=ScanPolicy(), clamd=(clamd.unix,), tell=told.append)
    one = ClamavScanner(config, slicing=SMALL)
    one.start()
    assert told == [f"proving that clamd at {clamd.unix} finds EICAR in the last of 8192 bytes"]
    one.finish()
    one.start()
    assert len(told) == 2, "a proof at the end of a stretch is one at the beginning of the next"


# Which signatures


def test_signatures_without_a_date_are_told_as_such(clamd: Clamd) -> None:
    engine = scanner_at(clamd.unix).start()
    assert engine.name == "clamav"
    assert engine.version == clamd.ask("VERSION").removeprefix("ClamAV ")
    assert engine.database is not None
    assert (engine.database.version, engine.database.date) == (None, None)


def test_an_old_database_is_told_with_its_date() -> None:
    date = datetime(2024, 3, 1, 12, 30, 5, tzinfo=UTC)
    with running_clamd(dated=(27800, date)) as old:
        one = scanner_at(old.unix)
        engine = one.start()
        again, _ = one.finish()
    assert engine == again
    assert engine.database is not None
    # clamd says its local time; ours is the same.
    assert (engine.database.version, engine.database.date) == ("27800", "2024-03-01T12:30:05Z")


@pytest.mark.parametrize(
    ("said", "version", "number", "date"),
    [
        ("ClamAV 1.4.6", "1.4.6", None, None),
        ("ClamAV 1.5.0-rc1/27800/Fri Jan  2 03:04:05 2026", "1.5.0-rc1", "27800", "2026-01-02T03:04:05Z"),
        ("ClamAV devel-20260101/1/Sun Feb 29 00:00:00 2032", "devel-20260101", "1", "2032-02-29T00:00:00Z"),
    ],
)
def test_versions(said: str, version: str, number: str | None, date: str | None) -> None:
    engine = engine_of(said, Endpoint(host="192.0.2.1", port=1))
    assert engine.database is not None
    assert (engine.version, engine.database.version, engine.database.date) == (version, number, date)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "ClamAV",
        "ClamAV ",
        "PONG",
        "ClamAV 1.4.6/",
        "ClamAV 1.4.6/27800",
        "ClamAV 1.4.6/27800/",
        "ClamAV 1.4.6/x/Fri Jan  2 03:04:05 2026",
        "ClamAV 1.4.6/27800/yesterday",
        "ClamAV 1.4.6/27800/Fri Jan 32 03:04:05 2026",
        "ClamAV 1.4.6/27800/Fri Foo  2 03:04:05 2026",
        "ClamAV 1.4.6/27800/Fri Jan  2 03:04:05 2026/more",
        "ClamAV " + "1" * 4000,
    ],
)
def test_what_is_no_version(said: str) -> None:
    with pytest.raises(OutsideError, match="no version of ClamAV"):
        engine_of(said, Endpoint(host="192.0.2.1", port=1))


# Faults


def test_nobody_is_there(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match="cannot be reached"):
        scanner_at(f"unix:{tmp_path}/none").start()
    one = scanner_at(f"unix:{tmp_path}/none")
    with pytest.raises(OutsideError, match="not started"):
        begin(one, 1)
    with pytest.raises(OutsideError, match="not started"):
        one.finish()
    with pytest.raises(UsageError, match="names no clamd"):
        scanner_at("somewhere")


def test_the_environment_names_them(clamd: Clamd) -> None:
    config = ScanConfig(policy=ScanPolicy())
    both = {"BUDMODEL_CLAMD": f" {clamd.unix}, {clamd.tcp} ,"}
    one = ClamavScanner(config, slicing=SMALL, environment=both)
    one.start()
    assert len(one._met) == 2
    config = ScanConfig(policy=ScanPolicy(), clamd=(clamd.tcp,))
    one = ClamavScanner(config, slicing=SMALL, environment={"BUDMODEL_CLAMD": "unix:/nowhere"})
    one.start()


def test_killed_in_the_middle_of_a_stream() -> None:
    with running_clamd() as mortal:
        one = scanner_at(mortal.unix, slicing=Slicing(window=64 << 20, overlap=1 << 20))
        one.start()
        inspection = begin(one, 32 << 20)
        inspection.feed(EICAR + bytes(1 << 20))
        mortal.kill()
        with pytest.raises(OutsideError, match="clamd at unix:"):
            for _ in range(31):
                inspection.feed(bytes(1 << 20))
            inspection.finish(None)
        inspection.close()
        with pytest.raises(OutsideError):
            scan(one, b"x")
        with pytest.raises(OutsideError):
            one.finish()
        with pytest.raises(OutsideError):
            one.start()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_ended_while_it_searches(number: int) -> None:
    with running_clamd() as mortal:
        one = scanner_at(mortal.unix, slicing=Slicing(window=16 << 20, overlap=1 << 20))
        one.start()
        # Long to search, and EICAR at the end.
        data = os.urandom((16 << 20) - len(EICAR)) + EICAR
        inspection = begin(one, len(data))
        for start in range(0, len(data), 1 << 20):
            inspection.feed(data[start : start + (1 << 20)])
        inspection._windows._finish_current()
        mortal.process.send_signal(number)
        try:
            outcome = inspection.finish(None)
        except OutsideError:
            pass
        else:
            assert outcome.verdict == "found"
        inspection.close()


def test_stopped() -> None:
    """It takes what the kernel takes for it, and says nothing."""
    with running_clamd() as frozen:
        one = scanner_at(frozen.unix)
        one.start()
        for client in one._clients:
            client.patience = Patience(connect=5, step=0.3, per_megabyte=0)
        frozen.process.send_signal(signal.SIGSTOP)
        with pytest.raises(OutsideError, match="did not answer in time"):
            scan(one, bytes(100))
        with pytest.raises(OutsideError, match=r"stopped taking bytes|did not answer in time"):
            scan(one, bytes(8 << 20), "zip")


def test_other_signatures_in_the_middle_of_a_run() -> None:
    with running_clamd() as fickle:
        one = scanner_at(fickle.unix)
        one.start()
        assert scan(one, bytes(100)).verdict == "clean"
        fickle.reload(ONLY_MARKER)
        assert scan(one, EICAR).verdict == "clean", "as nobody can know yet"
        with pytest.raises(OutsideError, match="has no signatures"):
            one.finish()
        with pytest.raises(OutsideError, match="has no signatures"):
            one.finish()
        fickle.reload(SIGNATURES)
        one.start()
        assert names(scan(one, EICAR)) == [EICAR_NAME]
        one.finish()


def test_a_pool_goes_on_without_one_of_its_members(clamd: Clamd) -> None:
    told: list[str] = []
    with running_clamd() as mortal:
        config = ScanConfig(policy=ScanPolicy(), clamd=(mortal.unix, clamd.tcp), tell=told.append)
        one = ClamavScanner(config, slicing=SMALL)
        one.start()
        mortal.kill()
        for _ in range(5):
            assert names(scan(one, os.urandom(50_000) + EICAR)) == [EICAR_NAME]
        one.finish()
        one.start()
        assert any("cannot be reached" in line and "the others" in line for line in told)


def test_who_answered_and_is_gone_cannot_prove_anything(clamd: Clamd) -> None:
    with running_clamd() as mortal:
        one = scanner_at(mortal.unix, clamd.unix)
        one.start()
        for _ in range(5):
            scan(one, os.urandom(50_000))
        mortal.kill()
        for _ in range(2):
            with pytest.raises(OutsideError, match="cannot be reached"):
                one.finish()
        # A new stretch begins without it.
        one.start()
        assert scan(one, b"x").verdict == "clean"
        one.finish()


def test_many_threads_and_two_endpoints(clamd: Clamd) -> None:
    one = scanner_at(clamd.unix, clamd.tcp)
    one.start()

    def act(number: int) -> str:
        data = os.urandom(30_000 + number)
        return scan(one, data + MARKER if number % 3 == 0 else data).verdict

    with ThreadPoolExecutor(4) as executor:
        verdicts = list(executor.map(act, range(60)))
    assert verdicts == ["found", "clean", "clean"] * 20
    one.finish()


def test_it_never_asks_for_a_spool(scanner: ClamavScanner) -> None:
    for format_name in ("zip", "safetensors", "unknown"):
        subject = Subject(path="f", name="f", size=1 << 40, format=format_name, head=b"")
        assert not scanner.needs_spool(subject)


def test_closing_in_the_middle_leaves_nothing_behind(scanner: ClamavScanner) -> None:
    for _ in range(300):
        inspection = begin(scanner, 100_000)
        inspection.feed(bytes(20_000))
        inspection.close()
        inspection.close()
    assert scanner._pool is not None
    assert all(member.busy == 0 for member in scanner._pool._members)
    assert len(os.listdir("/proc/self/fd")) < 200 if os.path.isdir("/proc/self/fd") else True
