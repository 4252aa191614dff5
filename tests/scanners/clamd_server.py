"""A real clamd of our own for tests: two signatures, no limits, its own folder; it starts in milliseconds.

The signatures are EICAR's test file and a marker that stands for any other malware. EICAR is kept as hex,
never as text.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import signal
import socket
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

CLAMD = shutil.which("clamd", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/sbin")
needs_clamd = pytest.mark.skipif(
    CLAMD is None, reason="clamd is not installed (Debian: apt-get install clamav-daemon)"
)

EICAR = bytes.fromhex(
    "58354f2150254041505b345c505a58353428505e2937434329377d2445494341522d"
    "5354414e444152442d414e544956495255532d544553542d46494c452124482b482a"
)
MARKER = bytes.fromhex("4255444d4f44454c2d5343414e2d544553542d4d41524b45522d37663361396335316532643834623036")
EICAR_NAME = "Eicar-Test-Signature.UNOFFICIAL"
MARKER_NAME = "Budmodel.Test.Marker.UNOFFICIAL"
SIGNATURES = f"Eicar-Test-Signature:0:*:{EICAR.hex()}\nBudmodel.Test.Marker:0:*:{MARKER.hex()}\n"

_GATE = {
    "AlertExceedsMax": "yes",
    "AlertEncryptedArchive": "yes",
    "DisableCache": "yes",
    "StreamMaxLength": "0",
    "MaxFileSize": "0",
    "MaxScanSize": "0",
    "MaxScanTime": "0",
    "SelfCheck": "0",
}
_PATIENCE = 60.0


@dataclass(slots=True)
class Clamd:
    """A clamd that runs."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def socket(self) -> Path:
        """Its Unix socket."""
        return self.folder / "clamd.sock"

    @property
    def unix(self) -> str:
        """Its first endpoint."""
        return f"unix:{self.socket}"

    @property
    def tcp(self) -> str:
        """Its second endpoint."""
        return f"tcp://127.0.0.1:{self.port}"

    @property
    def database(self) -> Path:
        """The folder of its signatures."""
        return self.folder / "database"

    def ask(self, command: str) -> str:
        """Its answer to a command."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(_PATIENCE)
            connection.connect(str(self.socket))
            connection.sendall(b"z" + command.encode() + b"\0")
            return b"".join(iter(lambda: connection.recv(4096), b"")).rstrip(b"\0").decode()

    def reload(self, signatures: str) -> None:
        """Gives it other signatures, and waits until it has them."""
        (self.database / "lab.ndb").write_text(signatures)
        log = self.folder / "log"
        before = log.read_text().count("Database correctly reloaded")
        self.ask("RELOAD")
        _wait(lambda: log.read_text().count("Database correctly reloaded") > before, self.process, log)

    def kill(self) -> None:
        """As the kernel does when memory is short."""
        self.process.kill()
        self.process.wait()


@contextmanager
def running_clamd(
    options: Mapping[str, str | None] | None = None,
    signatures: str = SIGNATURES,
    dated: tuple[int, datetime] | None = None,
) -> Iterator[Clamd]:
    """Starts a clamd, and ends it.

    Args:
        options: of its configuration, beyond those that scanning needs; None takes one out.
        signatures: the database, as lines of an .ndb file.
        dated: the database's number and date, which VERSION then tells; without them it tells neither.
    """
    assert CLAMD is not None
    # A Unix socket's path is short, pytest's own folders are long.
    with tempfile.TemporaryDirectory(prefix="clamd-") as name:
        folder = Path(name)
        (folder / "database").mkdir()
        (folder / "temporary").mkdir()
        if dated is None:
            (folder / "database" / "lab.ndb").write_text(signatures)
        else:
            (folder / "database" / "daily.cud").write_bytes(dated_database(signatures, *dated))
        port = _free_port()
        base = {
            "Foreground": "yes",
            "DatabaseDirectory": str(folder / "database"),
            "TemporaryDirectory": str(folder / "temporary"),
            "LocalSocket": str(folder / "clamd.sock"),
            "TCPSocket": str(port),
            "TCPAddr": "127.0.0.1",
        }
        settings: dict[str, str | None] = {**base, **_GATE, **(options or {})}
        lines = (f"{key} {value}\n" for key, value in settings.items() if value is not None)
        (folder / "clamd.conf").write_text("".join(lines))
        log = folder / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [CLAMD, "--config-file", str(folder / "clamd.conf")], stdout=output, stderr=output
            )
        try:
            clamd = Clamd(folder, port, process)
            _wait(lambda: _answers(clamd), process, log)
            yield clamd
        finally:
            if process.poll() is None:
                # A stopped one must go too.
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()


def dated_database(signatures: str, number: int, date: datetime) -> bytes:
    """A database as freshclam fetches them, but unsigned: a header of 512 bytes, and a tar.gz."""
    content = signatures.encode()
    stamp = f"{date:%d %b %Y %H-%M} +0000:{number}:{signatures.count(chr(10))}:216"
    listing = (
        f"ClamAV-VDB:{stamp}:X:X:lab:{int(date.timestamp())}\n"
        f"daily.ndb:{len(content)}:{hashlib.sha256(content).hexdigest()}\n"
    )
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, member in (
            ("COPYING", b"ours\n"),
            ("daily.info", listing.encode()),
            ("daily.ndb", content),
        ):
            info = tarfile.TarInfo(name)
            info.size = len(member)
            archive.addfile(info, io.BytesIO(member))
    packed = buffer.getvalue()
    digest = hashlib.md5(packed, usedforsecurity=False).hexdigest()
    return f"ClamAV-VDB:{stamp}:{digest}:X:lab:{int(date.timestamp())}".encode().ljust(512) + packed


def _answers(clamd: Clamd) -> bool:
    try:
        return clamd.ask("PING") == "PONG"
    except OSError:
        return False


def _wait(done: object, process: subprocess.Popen[bytes], log: Path) -> None:
    assert callable(done)
    deadline = time.monotonic() + _PATIENCE
    while not done():
        if process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"clamd did not do it: {log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.01)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
