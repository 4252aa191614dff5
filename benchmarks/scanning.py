"""Measures the ClamAV engine against ClamAV's own client and pyclamd's, and prints the ratios.

    python benchmarks/scanning.py [MIB]

Two files of MIB (default 512) each, random bytes and bfloat16 weights, are sent to one clamd with two
signatures of our own, so that the times are those of the way and not of a database: by us, hashing in the
same pass; by ``clamdscan --stream``; by pyclamd's ``scan_stream``. Then two copies at the same time: two jobs
of ours in one process, and two ``clamdscan`` processes. The median of RUNS rounds is printed; a round
measures all of them in turn, so that a machine whose speed drifts slows all alike.

Our ratio to ``clamdscan --stream`` is to stay below 1.1, and that to pyclamd below 1. The proof of the limits
(canaries), which a run needs once a minute, is told by itself. clamd and clamdscan must be installed (Debian:
apt-get install clamav-daemon clamdscan).
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import resource
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from budmodel.scanners.clamav import ClamavScanner
from budmodel.scanners.interface import ScanConfig, Subject
from budmodel.schema.governance import ScanPolicy
from scanners import clamd_server

RUNS = 3
PIECE = 1 << 20
OURS, THEIRS, STOCK = "ours, hashing", "clamdscan --stream", "pyclamd scan_stream"


def main() -> None:
    """Prints a table for each kind of bytes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("mib", nargs="?", type=int, default=512)
    size = parser.parse_args().mib << 20
    if clamd_server.CLAMD is None or shutil.which("clamdscan") is None:
        raise SystemExit("clamd and clamdscan are needed: apt-get install clamav-daemon clamdscan")
    with (
        tempfile.TemporaryDirectory(prefix="budmodel-bench-") as name,
        clamd_server.running_clamd() as clamd,
    ):
        for kind, block in (("random", random_block), ("bfloat16 weights", weights_block)):
            paths = [Path(name) / "one.safetensors", Path(name) / "two.safetensors"]
            write(paths, size, block)
            measure(kind, clamd, paths)
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def random_block() -> bytes:
    """A MiB that nothing can shrink."""
    return os.urandom(PIECE)


def weights_block() -> bytes:
    """A MiB of bfloat16 numbers as trained weights have them: a normal distribution around 0."""
    source = random.Random()
    floats = struct.pack("<4096f", *(source.gauss(0, 0.02) for _ in range(4096)))
    upper = b"".join(floats[start : start + 2] for start in range(2, len(floats), 4))
    pieces = [upper[start : start + 64] for start in range(0, len(upper), 64)]
    return b"".join(source.choice(pieces) for _ in range(PIECE // 64))


def write(paths: list[Path], size: int, block: Callable[[], bytes]) -> None:
    """The same bytes in each file: a safetensors header, and blocks."""
    header = f'{{"w":{{"dtype":"BF16","shape":[{size // 2}],"data_offsets":[0,{size}]}}}}'.encode()
    with paths[0].open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        for _ in range(size // PIECE):
            file.write(block())
    for path in paths[1:]:
        shutil.copyfile(paths[0], path)


def measure(kind: str, clamd: clamd_server.Clamd, paths: list[Path]) -> None:
    """Runs all of them in turn and prints the medians."""
    scanner = ClamavScanner(ScanConfig(policy=ScanPolicy(), clamd=(clamd.unix,)))
    began = time.perf_counter()
    scanner.start()
    proof = time.perf_counter() - began
    jobs: dict[str, Callable[[], object]] = {
        OURS: lambda: ours(scanner, paths[0]),
        THEIRS: lambda: theirs(clamd, paths[:1]),
        STOCK: lambda: stock(clamd, paths[0]),
        f"{OURS}, two jobs": lambda: both(lambda path: ours(scanner, path), paths),
        f"{THEIRS}, twice at once": lambda: theirs(clamd, paths),
    }
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(RUNS):
        for name, job in jobs.items():
            before = time.perf_counter()
            job()
            seconds[name].append(time.perf_counter() - before)
    scanner.finish()
    median = {name: statistics.median(values) for name, values in seconds.items()}
    size = paths[0].stat().st_size
    print(f"\n{kind}, {size >> 20} MiB, median of {RUNS}; proof of the limits {proof:.2f} s")
    print(f"{'':34}   MB/s   seconds (min-max)")
    for name, values in seconds.items():
        sent = size * (2 if "two" in name or "twice" in name else 1)
        spread = f"{median[name]:6.2f} ({min(values):.2f}-{max(values):.2f})"
        print(f"{name:34} {sent / 1e6 / median[name]:6.0f}   {spread}")
    pairs = ((OURS, THEIRS), (OURS, STOCK), (f"{OURS}, two jobs", f"{THEIRS}, twice at once"))
    for mine, other in pairs:
        print(f"time of {mine} / {other}: {median[mine] / median[other]:.2f}")


def ours(scanner: ClamavScanner, path: Path) -> None:
    """One pass: read, hash, send."""
    digest = hashlib.sha256()
    size = path.stat().st_size
    subject = Subject(path=path.name, name=path.name, size=size, format="safetensors", head=b"")
    inspection = scanner.open(subject, unasked)
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
            inspection.feed(piece)
    outcome = inspection.finish(None)
    if (outcome.verdict, outcome.bytes_seen) != ("clean", size):
        raise SystemExit(f"nothing was measured: {outcome}")


def theirs(clamd: clamd_server.Clamd, paths: list[Path]) -> None:
    """ClamAV's client, a process for each file."""
    command = ["clamdscan", "--stream", "--no-summary", f"--config-file={clamd.folder / 'clamd.conf'}"]
    running = [subprocess.Popen([*command, str(path)], stdout=subprocess.DEVNULL) for path in paths]
    codes = [process.wait() for process in running]
    if any(codes):
        raise SystemExit("clamdscan: nothing was measured")


def stock(clamd: clamd_server.Clamd, path: Path) -> None:
    """pyclamd as its documentation says."""
    import pyclamd

    with path.open("rb") as file:
        if pyclamd.ClamdUnixSocket(str(clamd.socket)).scan_stream(file) is not None:
            raise SystemExit("pyclamd: nothing was measured")


def both(act: Callable[[Path], None], paths: list[Path]) -> None:
    """In threads of this process."""
    with ThreadPoolExecutor(len(paths)) as executor:
        list(executor.map(act, paths))


def unasked(*_: object, **__: object) -> NoReturn:
    """ClamAV looks into no containers."""
    raise AssertionError


if __name__ == "__main__":
    main()
