"""Only clamd's exact word is clean: every other answer, and every silence, decides nothing."""

from __future__ import annotations

import os
import select
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budmodel.errors import OutsideError, UsageError
from budmodel.scanners.clamd_endpoint import Endpoint, Patience, parse_endpoint
from budmodel.scanners.clamd_protocol import Client, Reply
from scanners.fake_clamd import FOUND, OK, FakeClamd, Hang, Reset, fake_clamd

QUICK = Patience(connect=5, step=0.2, per_megabyte=0)
CALM = Patience(connect=20, step=60)
TOO_LONG = b"INSTREAM size limit exceeded. ERROR\0"


@pytest.fixture
def fake() -> Iterator[FakeClamd]:
    with fake_clamd() as server:
        yield server


def say(fake: FakeClamd, answer: bytes, patience: Patience = CALM, data: bytes = b"data") -> Reply:
    fake.answer = lambda _: answer
    return stream(fake, patience, data)


def stream(fake: FakeClamd, patience: Patience = CALM, data: bytes = b"data") -> Reply:
    one = Client(parse_endpoint(fake.endpoint), patience).stream()
    try:
        one.send(data)
        one.end()
        return one.reply()
    finally:
        one.close()


def test_the_exact_word_is_clean(fake: FakeClamd) -> None:
    assert say(fake, OK) == Reply("clean")
    fake.pieces = True
    assert say(fake, OK) == Reply("clean")
    assert say(fake, FOUND) == Reply("found", "Eicar-Test-Signature")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\0",
        b"stream: OK",
        b"stream: OK\n",
        b"stream: OK\n\0",
        b" stream: OK\0",
        b"stream:  OK\0",
        b"stream: ok\0",
        b"Stream: OK\0",
        b"stream: OK\0\0",
        b"stream: OK\0stream: OK\0",
        b"stream: OK\0stream: Eicar FOUND\0",
        b"stream: Eicar FOUND\0stream: OK\0",
        b"stream: Eicar FOUND\nstream: OK\0",
        b"stream: Eicar FOU\0",
        b"stream: Eicar FOUND",
        b"stream: Eicar found\0",
        b"stream:  FOUND\0",
        b"stream: FOUND\0",
        b"stream: \xff FOUND\0",
        b"1: stream: OK\0",
        b"2: stream: Eicar FOUND\0",
        b"stream(127.0.0.1@1024): OK\0",
        b"/other/file: OK\0",
        b"stream: Can't allocate memory ERROR\0",
        b"INSTREAM: Can't write to temporary file. ERROR\0",
        b"INSTREAM size limit exceeded. ERROR",
        b"UNKNOWN COMMAND\0",
        b"COMMAND READ TIMED OUT\0",
        b"PONG\0",
        b"ClamAV 1.4.6\0",
        b"HTTP/1.1 200 OK\r\n\r\n\0",
        b"stream: " + b"x" * 5000 + b" FOUND\0",
        b"stream: OK\0" + bytes(5000),
    ],
)
def test_any_other_answer_decides_nothing(fake: FakeClamd, answer: bytes) -> None:
    with pytest.raises(OutsideError, match="clamd at unix:"):
        say(fake, answer)


# One server serves all examples: what it says is set anew for each.
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(
    st.one_of(
        st.binary(max_size=80),
        st.builds(lambda head, tail: head + OK + tail, st.binary(max_size=4), st.binary(max_size=4)),
        st.builds(
            lambda at, byte: OK[:at] + bytes([byte]) + OK[at + 1 :],
            st.integers(0, len(OK) - 1),
            st.integers(0, 255),
        ),
    )
)
def test_no_other_bytes_are_clean(fake: FakeClamd, answer: bytes) -> None:
    try:
        reply = say(fake, answer)
    except OutsideError:
        assert answer != OK
    else:
        assert (reply.kind == "clean") == (answer == OK)


def test_a_foreign_answer_is_told_escaped_and_short(fake: FakeClamd) -> None:
    with pytest.raises(OutsideError) as error:
        say(fake, b"\x1b[31m\n" + b"x" * 3000 + b"\0")
    assert "\x1b" not in str(error.value)
    assert len(str(error.value)) < 400


def test_a_name_is_short_and_without_hash(fake: FakeClamd) -> None:
    assert len(say(fake, b"stream: " + b"N" * 3000 + b" FOUND\0").name) == 120
    extended = b"stream: Eicar(44d88612fea8a8f36de82e1278abb02f:68) FOUND\0"
    assert say(fake, extended) == Reply("found", "Eicar")


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0", "MaxFileSize"),
        (
            b"stream: Heuristics.Limits.Exceeded.MaxScanSize(44d88612fea8a8f36de82e1278abb02f:68) FOUND\0",
            "MaxScanSize",
        ),
        (b"stream: Heuristics.Limits.Exceeded FOUND\0", "a limit"),
        (TOO_LONG, "StreamMaxLength"),
    ],
)
def test_limits_are_neither_clean_nor_infected(fake: FakeClamd, answer: bytes, name: str) -> None:
    assert say(fake, answer) == Reply("limit", name)


@pytest.mark.parametrize("order", [Hang, Reset])
@pytest.mark.parametrize("tcp", [False, True])
def test_silence_decides_nothing(order: type[Exception], tcp: bool) -> None:
    def act(_: bytes) -> bytes:
        raise order

    with fake_clamd(tcp=tcp) as fake, pytest.raises(OutsideError, match=r"did not answer in time|hung up"):
        fake.answer = act
        stream(fake, QUICK)


def test_a_clamd_that_takes_no_bytes(fake: FakeClamd) -> None:
    def act(_: int) -> bytes:
        raise Hang

    fake.early = act
    one = Client(parse_endpoint(fake.endpoint), QUICK).stream()
    with pytest.raises(OutsideError, match="stopped taking bytes"):
        for _ in range(1000):
            one.send(bytes(1 << 16))
    one.close()


@pytest.mark.parametrize("tcp", [False, True])
def test_the_size_limit_comes_early(tcp: bool) -> None:
    with fake_clamd(tcp=tcp) as fake:
        fake.early = lambda count: TOO_LONG if count > 1000 else None
        one = Client(parse_endpoint(fake.endpoint), CALM).stream()
        one.send(bytes(1000))
        one.send(b"x")
        assert one.sent == 1001
        assert select.select([one._connection], [], [], CALM.step)[0]
        one.send(bytes(1 << 20))
        one.send(bytes(1 << 20))
        one.end()
        assert one.reply() == Reply("limit", "StreamMaxLength")
        assert one.sent == 1001


@pytest.mark.parametrize("answer", [OK, FOUND, b"", b"nonsense\0"])
def test_nothing_else_may_come_early(fake: FakeClamd, answer: bytes) -> None:
    fake.early = lambda count: answer
    one = Client(parse_endpoint(fake.endpoint), CALM).stream()
    with pytest.raises(OutsideError):
        for _ in range(10_000):
            one.send(bytes(1 << 16))
    one.close()


def test_absent() -> None:
    with tempfile.TemporaryDirectory() as folder:
        with pytest.raises(OutsideError, match="cannot be reached"):
            Client(Endpoint(path=f"{folder}/none")).stream()
        with pytest.raises(OutsideError, match="cannot be reached"):
            Client(Endpoint(path=f"{folder}/{'long' * 40}")).ask("PING")
        (Path(folder) / "file").touch()
        with pytest.raises(OutsideError, match="cannot be reached"):
            Client(Endpoint(path=f"{folder}/file")).ask("PING")


def test_a_port_where_nobody_listens() -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        with pytest.raises(OutsideError, match="cannot be reached"):
            Client(Endpoint(host="127.0.0.1", port=one.getsockname()[1])).ask("PING")


def test_commands(fake: FakeClamd) -> None:
    client = Client(parse_endpoint(fake.endpoint), CALM)
    assert client.ask("PING") == "PONG"
    assert client.ask("VERSION") == fake.version
    fake.version = "\x1b[31m"
    with pytest.raises(OutsideError, match=r"answered '\\x1b\[31m'"):
        client.ask("VERSION")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("unix:/run/clamd.ctl", Endpoint(path="/run/clamd.ctl")),
        ("unix:///run/clamd.ctl", Endpoint(path="/run/clamd.ctl")),
        ("tcp://127.0.0.1:3310", Endpoint(host="127.0.0.1", port=3310)),
        ("tcp://scanner.example.org:1", Endpoint(host="scanner.example.org", port=1)),
    ],
)
def test_endpoints(text: str, expected: Endpoint) -> None:
    assert parse_endpoint(text) == expected
    assert parse_endpoint(str(expected)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "unix:",
        "unix:run/x",
        "unix:/a\0b",
        "/run/clamd.ctl",
        "tcp://",
        "tcp://host",
        "tcp://:3310",
        "tcp://host:0",
        "tcp://host:65536",
        "tcp://host:x",
        "tcp://user:secret@host:1",
        "tcp://host:1/path",
        "tcp://host:1?x",
        "tcp://[::1]:3310",
        "tcp://[::1",
        "http://host:1",
        "host:3310",
    ],
)
def test_what_is_no_endpoint(text: str) -> None:
    with pytest.raises(UsageError, match="names no clamd"):
        parse_endpoint(text)


def test_one_client_serves_many_threads(fake: FakeClamd) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from scanners.clamd_server import EICAR
    from scanners.fake_clamd import honest

    fake.answer = honest
    client = Client(parse_endpoint(fake.endpoint), CALM)

    def act(number: int) -> str:
        one = client.stream()
        one.send(EICAR if number % 2 else os.urandom(1 << 18))
        one.end()
        return one.reply().kind

    with ThreadPoolExecutor(8) as executor:
        kinds: Callable[[int], str] = act
        assert list(executor.map(kinds, range(200))) == ["clean", "found"] * 100
