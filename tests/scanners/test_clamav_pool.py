"""Windows and pools, with clamd that do what no real one does."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budmodel.errors import OutsideError
from budmodel.scanners.clamav import ClamavScanner
from budmodel.scanners.clamav_stream import Slicing, Windows
from budmodel.scanners.clamd_endpoint import Patience
from budmodel.scanners.clamd_protocol import Reply
from budmodel.scanners.interface import Outcome, ScanConfig, Subject
from budmodel.schema.governance import ScanPolicy
from scanners.clamd_server import EICAR
from scanners.fake_clamd import OK, FakeClamd, Hang, Reset, fake_clamd, honest

SMALL = Slicing(window=8192, overlap=1024, largest=32_768)


@pytest.fixture
def fakes() -> Iterator[list[FakeClamd]]:
    with ExitStack() as stack:
        yield [stack.enter_context(fake_clamd()) for _ in range(2)]


def started(*fakes: FakeClamd, patience: Patience | None = None) -> ClamavScanner:
    config = ScanConfig(policy=ScanPolicy(), clamd=tuple(fake.endpoint for fake in fakes))
    one = ClamavScanner(config, slicing=SMALL, patience=patience, environment={})
    one.start()
    for fake in fakes:
        fake.streams.clear()
    return one


def scan(scanner: ClamavScanner, data: bytes, format_name: str = "safetensors") -> Outcome:
    subject = Subject(path="f", name="f", size=len(data), format=format_name, head=b"")
    inspection = scanner.open(subject, no_members)
    try:
        inspection.feed(data)
        return inspection.finish(None)
    finally:
        inspection.close()


def no_members(*_: object, **__: object) -> NoReturn:
    raise AssertionError("ClamAV looks into no containers by itself")


class Recorder:
    """Stands for a pool, and keeps what each stream was sent."""

    size = 2

    def __init__(self) -> None:
        self.streams: list[bytearray] = []
        self.waiting = 0
        self.most_waiting = 0

    def open(self) -> RecordedLease:
        self.streams.append(bytearray())
        return RecordedLease(self, self.streams[-1])


class RecordedLease:
    """One stream of it."""

    def __init__(self, pool: Recorder, data: bytearray) -> None:
        self._pool, self._data = pool, data

    def send(self, piece: bytes | memoryview) -> None:
        self._data += piece

    def end(self) -> None:
        self._pool.waiting += 1
        self._pool.most_waiting = max(self._pool.most_waiting, self._pool.waiting)

    def reply(self) -> Reply:
        self._pool.waiting -= 1
        return Reply("clean")

    def close(self) -> None:
        pass


@st.composite
def slicings(draw: st.DrawFn) -> Slicing:
    window = draw(st.integers(1, 64))
    return Slicing(
        window=window,
        overlap=draw(st.integers(0, window - 1)),
        largest=draw(st.integers(window, 200)),
    )


@given(slicings(), st.lists(st.binary(max_size=70), max_size=8), st.booleans(), st.booleans())
def test_windows_cover_each_byte_and_overlap(
    slicing: Slicing, pieces: list[bytes], whole: bool, known: bool
) -> None:
    data = b"".join(pieces)
    pool = Recorder()
    size = len(data) if known else None
    windows = Windows(pool, slicing, size, whole=whole, divisible=True)  # type: ignore[arg-type]
    for piece in pieces:
        windows.feed(piece)
    windows.end()
    assert (windows.came, windows.seen) == (len(data), len(data))
    at = 0
    goes_whole = whole and not (known and len(data) > slicing.largest)
    for number, stream in enumerate(pool.streams):
        start = at - slicing.overlap if number else 0
        most = slicing.largest if goes_whole and not number else slicing.window
        assert len(stream) <= most
        assert bytes(stream) == data[start : start + len(stream)]
        # Only the last one may be short, and each brings something new.
        assert number == len(pool.streams) - 1 or len(stream) == most
        assert start + len(stream) > at or not data
        at = start + len(stream)
    assert at == len(data)
    assert pool.most_waiting <= pool.size + 2


def test_windows_make_sense() -> None:
    for window, overlap, largest in ((8, 8, 8), (8, -1, 8), (9, 0, 8), (0, 0, 8)):
        with pytest.raises(ValueError, match="window"):
            Slicing(window=window, overlap=overlap, largest=largest)


def test_work_is_shared(fakes: list[FakeClamd]) -> None:
    one = started(*fakes)
    assert scan(one, bytes(100_000)).verdict == "clean"
    assert all(len(fake.streams) > 3 for fake in fakes)
    one.finish()


def test_a_pool_is_of_one_version(fakes: list[FakeClamd]) -> None:
    fakes[1].version = "ClamAV 1.4.6/27801/Mon Nov 23 21:42:17 2026"
    with pytest.raises(OutsideError, match=r"27800.*27801.*same engine and signatures everywhere"):
        started(*fakes)


def test_a_version_that_changes_during_the_run(fakes: list[FakeClamd]) -> None:
    one = started(fakes[0])
    assert scan(one, b"x").verdict == "clean"
    fakes[0].version = "ClamAV 1.4.6/27801/Mon Nov 23 21:42:17 2026"
    for _ in range(2):
        with pytest.raises(OutsideError, match="at the beginning of the run"):
            one.finish()
    assert one.start().database is not None


def test_one_member_that_changes_during_the_run(fakes: list[FakeClamd]) -> None:
    one = started(*fakes)
    scan(one, bytes(100_000))
    fakes[1].version = "ClamAV 1.4.6/27801/Mon Nov 23 21:42:17 2026"
    with pytest.raises(OutsideError, match="same engine and signatures"):
        one.finish()


def test_who_always_says_clean(fakes: list[FakeClamd]) -> None:
    fakes[0].answer = lambda _: OK
    with pytest.raises(OutsideError, match="has no signatures"):
        started(fakes[0])


def test_who_always_says_infected(fakes: list[FakeClamd]) -> None:
    def limit_or_found(data: bytes) -> bytes:
        return honest(data if data.startswith((b"vast", b"PK")) else EICAR)

    fakes[0].answer = limit_or_found
    with pytest.raises(OutsideError, match="finds Eicar-Test-Signature in some random bytes"):
        started(fakes[0])


def test_who_stops_finding_during_the_run(fakes: list[FakeClamd]) -> None:
    one = started(fakes[0])
    assert scan(one, EICAR).verdict == "found"
    fakes[0].answer = lambda data: OK if len(data) > 8000 else honest(data)
    with pytest.raises(OutsideError, match="finds nothing in EICAR at the far end of 8192 bytes"):
        one.finish()


def test_who_opens_no_zips() -> None:
    with fake_clamd() as fake:
        fake.answer = lambda data: OK if data.startswith(b"PK") else honest(data)
        with pytest.raises(OutsideError, match="ScanArchive"):
            started(fake)


@pytest.mark.parametrize("order", [Hang, Reset])
def test_a_member_that_fails_in_the_middle_is_left_out(
    fakes: list[FakeClamd], order: type[Exception]
) -> None:
    def act(_: int) -> bytes:
        raise order

    one = started(*fakes, patience=Patience(connect=5, step=0.3, per_megabyte=0))
    fakes[0].early = act
    outcomes: list[Outcome | None] = []
    for _ in range(4):
        try:
            outcomes.append(scan(one, bytes(100_000)))
        except OutsideError:
            outcomes.append(None)
    assert outcomes[0] is None, "the runner reads the file again"
    assert all(one is not None and one.verdict == "clean" for one in outcomes[1:])
    assert not fakes[0].streams


def test_one_alone_gets_another_chance(fakes: list[FakeClamd]) -> None:
    def act(_: bytes) -> bytes:
        raise Reset

    one = started(fakes[0])
    fakes[0].answer = act
    with pytest.raises(OutsideError, match="hung up"):
        scan(one, b"x")
    fakes[0].answer = honest
    assert scan(one, b"x").verdict == "clean"
    one.finish()


def test_the_answer_for_another_stream(fakes: list[FakeClamd]) -> None:
    one = started(fakes[0])
    for answer in (b"2: stream: OK\0", b"instream(127.0.0.1@3310): OK\0", b"/tmp/f: OK\0"):
        fakes[0].answer = lambda _, answer=answer: answer  # type: ignore[misc]
        with pytest.raises(OutsideError, match="decides nothing"):
            scan(one, b"x")


def test_a_limit_in_one_window_of_several(fakes: list[FakeClamd]) -> None:
    one = started(fakes[0])
    limit = b"stream: Heuristics.Limits.Exceeded.MaxScanTime FOUND\0"
    fakes[0].answer = lambda data: limit if data.startswith(b"a") else honest(data)
    outcome = scan(one, b"a" + bytes(20_000))
    assert (outcome.verdict, outcome.bytes_seen, outcome.bytes_total) == ("limit", 20_001 - 8192, 20_001)
    assert "MaxScanTime" in outcome.message
    outcome = scan(one, b"a" + bytes(20_000) + EICAR)
    assert outcome.verdict == "found"
    assert outcome.message


def test_heuristics_are_told_apart(fakes: list[FakeClamd]) -> None:
    one = started(fakes[0])
    for name, code, severity in (
        ("Win.Trojan.X-1", "malware", "critical"),
        ("Heuristics.Broken.Executable", "malware", "high"),
        ("PUA.Win.Tool", "malware", "high"),
        ("Heuristics.Encrypted.PDF", "encrypted", "medium"),
    ):
        fakes[0].answer = lambda _, name=name: f"stream: {name} FOUND\0".encode()  # type: ignore[misc]
        outcome = scan(one, b"x")
        assert outcome.verdict == "found"
        (found,) = outcome.found
        assert (found.code, found.severity, found.detail) == (code, severity, name)
        assert name in found.message


def test_what_is_sent_for_a_container(fakes: list[FakeClamd]) -> None:
    one = started(fakes[0])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("x", bytes(20_000))
    data = buffer.getvalue()
    assert scan(one, data, "zip").verdict == "clean"
    assert fakes[0].streams == [len(data)]
