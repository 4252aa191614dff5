"""The S3 source when the network fails: nobody there, no TLS, silence, and connections cut in the middle."""

from __future__ import annotations

import hashlib
import os
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from budmodel.errors import OutsideError
from budmodel.sources import s3_client, s3_read
from budmodel.sources.s3 import S3Source, open_source
from sources.s3_server import S3Server, aws, s3  # noqa: F401

pytestmark = pytest.mark.usefixtures("aws")


class CuttingProxy:
    """Forwards TCP to a server and resets each connection after ``budget`` bytes of its answers."""

    def __init__(self, port: int) -> None:
        self.target = port
        self.budget: int | None = None
        self.cuts = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self.target))
                threading.Thread(target=self._forward, args=(near, far, False), daemon=True).start()
                threading.Thread(target=self._forward, args=(far, near, True), daemon=True).start()

    def _forward(self, source: socket.socket, sink: socket.socket, cut: bool) -> None:
        sent = 0
        with suppress(OSError):
            while data := source.recv(65_536):
                if cut and self.budget is not None and sent + len(data) > self.budget:
                    sink.sendall(data[: max(0, self.budget - sent)])
                    self.cuts += 1
                    # Lingering for no time sends RST in the place of FIN.
                    sink.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    break
                sink.sendall(data)
                sent += len(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RD)
            end.close()


@pytest.fixture
def proxy(s3: S3Server) -> Iterator[CuttingProxy]:  # noqa: F811
    made = CuttingProxy(s3.port)
    yield made
    made.close()


@pytest.fixture
def source(s3: S3Server, proxy: CuttingProxy) -> S3Source:  # noqa: F811
    bucket = s3.bucket()
    s3.put(bucket, "m/w", BODY)
    opened = open_source(f"s3://{bucket}/m", endpoint_url=proxy.endpoint)
    opened.listing()
    return opened


BODY = os.urandom(8 << 20)


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_read, "_PAUSE_SECONDS", 0.0)


def test_a_cut_connection_is_taken_up_where_it_was_cut(source: S3Source, proxy: CuttingProxy) -> None:
    proxy.budget = 3 << 20
    source._client.boto.close()
    assert source.read("w") == BODY
    assert proxy.cuts >= 2
    assert source.sha256("w") == hashlib.sha256(BODY).hexdigest()


def test_cut_connections_of_parallel_ranges(
    source: S3Source, proxy: CuttingProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_read, "RANGE", 2 << 20)
    # A reset throws away what the reader has not taken yet: on a busy machine that may be all, several times.
    monkeypatch.setattr(s3_read, "TRIES", 50)
    proxy.budget = 1_500_000
    assert source.sha256("w") == hashlib.sha256(BODY).hexdigest()
    assert proxy.cuts >= 4


def test_a_connection_that_is_cut_always_ends_in_one_sentence(source: S3Source, proxy: CuttingProxy) -> None:
    proxy.budget = 5_000
    with pytest.raises(
        OutsideError, match=r"^127\.0\.0\.1:\d+ cut the connection again and again; try again later\.$"
    ):
        source.sha256("w")
    assert proxy.cuts == s3_read.TRIES


def test_a_list_that_is_cut(s3: S3Server, proxy: CuttingProxy) -> None:  # noqa: F811
    bucket = s3.bucket()
    s3.put(bucket, "m/w", b"w")
    proxy.budget = 100
    with pytest.raises(OutsideError, match=r"^(127\.0\.0\.1:\d+|The connection to 127\.0\.0\.1:\d+) "):
        open_source(f"s3://{bucket}/m", endpoint_url=proxy.endpoint).listing()


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    source = open_source("s3://bucket/m", endpoint_url=f"http://127.0.0.1:{port}/path")
    with pytest.raises(OutsideError, match=rf"^127\.0\.0\.1:{port} cannot be reached; check --endpoint-url "):
        source.listing()


def test_a_host_that_does_not_exist() -> None:
    source = open_source("s3://bucket/m", endpoint_url="http://no-such-host.invalid:9")
    with pytest.raises(OutsideError, match=r"^no-such-host\.invalid:9 cannot be reached; "):
        source.listing()


def test_a_server_without_tls(s3: S3Server) -> None:  # noqa: F811
    source = open_source("s3://bucket/m", endpoint_url=f"https://127.0.0.1:{s3.port}")
    with pytest.raises(OutsideError, match="does not speak TLS; check --endpoint-url and AWS_CA_BUNDLE"):
        source.listing()


def test_silence_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_client, "_READ_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        source = open_source("s3://bucket/m", endpoint_url=f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(OutsideError, match=r"stopped answering in the middle; try again later\.$"):
            source.listing()
