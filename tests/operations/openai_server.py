"""A loopback server that speaks OpenAI's API, with known delays, and keeps its own times of every request.

It runs as a process of its own, so that its times do not depend on the client's. ``time.perf_counter`` is the
same clock in every process of a Linux machine, so moments can be compared as well as spans.

It does what its configuration says (a JSON object on the command line)::

    tokens     pieces of text in an answer
    first      seconds before the first of them; a list is used in turn, request by request
    gaps       seconds between two of them; a list is used in turn, piece by piece
    at_once    how many requests are worked on at the same time; the others wait
    faults     a list that is used in turn, request by request: names of ``_fault_…``, or "" for an answer
    usage      whether it counts tokens where it is asked to
    key        the key that it wants
    models     the names that it serves
    tls        files of a certificate and its key, for https
"""

from __future__ import annotations

import asyncio
import gzip
import json
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


@dataclass
class Times:
    """A request as the server saw it: moments in seconds of ``perf_counter``."""

    path: str
    authorization: str
    headers: dict[str, str]
    body: Any
    received: float
    fault: str = ""
    writes: list[float] = field(default_factory=list)
    """When each piece of text was sent."""
    done: float = 0.0
    """When the end was sent; 0 where it never was."""

    @property
    def latency(self) -> float:
        """Seconds from the request to the end of the answer."""
        return self.done - self.received

    @property
    def gaps(self) -> list[float]:
        """Seconds between each two pieces."""
        return [after - before for before, after in zip(self.writes, self.writes[1:], strict=False)]


class OpenAIServer:
    """The server's process, from the side of a test."""

    def __init__(self, port: int, scheme: str) -> None:
        self.root = f"{scheme}://127.0.0.1:{port}"
        self.url = f"{self.root}/v1"

    def times(self) -> list[Times]:
        """What was asked so far, in the order in which it came, questions about models left out."""
        trust = ssl._create_unverified_context()
        with urllib.request.urlopen(f"{self.root}/times", context=trust) as response:
            return [Times(**one) for one in json.load(response)]


@contextmanager
def openai_server(**config: Any) -> Iterator[OpenAIServer]:
    """A running server; see the module for its configuration."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__)), json.dumps(config)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield OpenAIServer(int(process.stdout.readline()), "https" if "tls" in config else "http")
    finally:
        process.kill()
        process.communicate()


class _Server:
    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config
        self.log: list[Times] = []
        self.room = asyncio.Semaphore(config.get("at_once", 10_000))

    async def serve(self) -> None:
        tls = None
        if "tls" in self.config:
            tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            tls.load_cert_chain(*self.config["tls"])
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0, limit=1 << 22, ssl=tls)
        print(server.sockets[0].getsockname()[1], flush=True)
        async with server:
            await server.serve_forever()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            while await self._request(reader, writer):
                pass
        with suppress(OSError):
            writer.close()
            await writer.wait_closed()

    async def _request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ")
        headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)
        }
        raw = await reader.readexactly(int(headers.get("content-length", 0)))
        if path == "/times":
            return await self._plain(writer, 200, json.dumps([vars(one) for one in self.log]))
        if method == "GET" and path.partition("?")[0].endswith("/models"):
            names = self.config.get("models", ["llama-3"])
            return await self._plain(writer, 200, json.dumps({"data": [{"id": name} for name in names]}))
        times = Times(
            path, headers.get("authorization", ""), headers, json.loads(raw or b"null"), perf_counter()
        )
        index = len(self.log)
        self.log.append(times)
        key = self.config.get("key")
        if key is not None and times.authorization != f"Bearer {key}":
            return await self._plain(writer, 401, json.dumps({"error": f"wrong key {times.authorization}"}))
        faults = self.config.get("faults") or [""]
        times.fault = faults[index % len(faults)]
        if times.fault:
            return bool(await getattr(self, f"_fault_{times.fault}")(writer, times))
        async with self.room:
            return await self._answer(writer, times, index)

    async def _plain(self, writer: asyncio.StreamWriter, status: int, body: str, more: str = "") -> bool:
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n"
        writer.write(f"{head}Content-Length: {len(body.encode())}\r\n{more}\r\n{body}".encode())
        await writer.drain()
        return True

    async def _answer(self, writer: asyncio.StreamWriter, times: Times, index: int) -> bool:
        config = self.config
        tokens, gaps = config.get("tokens", 4), config.get("gaps", [0.0])
        first = config.get("first", [0.0])
        writer.write(HEAD.encode())
        await asyncio.sleep(first[index % len(first)])
        for number in range(tokens):
            if number:
                await asyncio.sleep(gaps[(index * (tokens - 1) + number - 1) % len(gaps)])
            await self._event(writer, self._chunk(times, "word "))
            times.writes.append(perf_counter())
        await self._event(writer, self._chunk(times, "", "stop"))
        asked = (times.body.get("stream_options") or {}).get("include_usage")
        if asked and config.get("usage", True):
            count = config.get("count", tokens)
            await self._event(writer, json.dumps({"choices": [], "usage": {"completion_tokens": count}}))
        await self._event(writer, "[DONE]")
        times.done = perf_counter()
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True

    @staticmethod
    def _chunk(times: Times, text: str, finish: str | None = None) -> str:
        said = {"delta": {"content": text}} if "messages" in times.body else {"text": text}
        return json.dumps({"choices": [{"index": 0, **said, "finish_reason": finish}]})

    @staticmethod
    async def _event(writer: asyncio.StreamWriter, data: str) -> None:
        await _Server._raw(writer, f"data: {data}\n\n".encode())

    @staticmethod
    async def _raw(writer: asyncio.StreamWriter, body: bytes) -> None:
        writer.write(f"{len(body):x}\r\n".encode() + body + b"\r\n")
        await writer.drain()

    async def _fault_busy(self, writer: asyncio.StreamWriter, times: Times) -> bool:
        return await self._plain(writer, 503, '{"error": "busy"}')

    async def _fault_wrong_request(self, writer: asyncio.StreamWriter, times: Times) -> bool:
        return await self._plain(writer, 400, '{"error": "no"}')

    async def _fault_missing(self, writer: asyncio.StreamWriter, times: Times) -> bool:
        return await self._plain(writer, 404, "{}")

    async def _fault_redirect(self, writer: asyncio.StreamWriter, times: Times) -> bool:
        return await self._plain(
            writer, 307, "", f"Location: http://localhost:{self._port(writer)}/taken\r\n"
        )

    async def _fault_not_streamed(self, writer: asyncio.StreamWriter, times: Times) -> bool:
        return await self._plain(writer, 200, self._chunk(times, "all of it"))

    async def _fault_compressed(self, writer: asyncio.StreamWriter, times: Times) -> bool:
        body = gzip.compress(bytes(1 << 22))
        writer.write(HEAD.replace("Transfer", "Content-Encoding: gzip\r\nTransfer").encode())
        await self._raw(writer, body)
        writer.write(b"0\r\n\r\n")
        return False

    async def _fault_no_end(self, writer: asyncio.StreamWriter, times: Times) -> bool:
        writer.write(HEAD.encode())
        while True:
            await self._event(writer, self._chunk(times, "more "))

    async def _fault_no_end_of_comments(self, writer: asyncio.StreamWriter, times: Times) -> bool:
        writer.write(HEAD.encode())
        while True:
            await self._raw(writer, b": still here\n\n" * 500)

    async def _fault_huge_line(self, writer: asyncio.StreamWriter, times: Times) -> bool:
        writer.write(HEAD.encode())
        while True:
            await self._raw(writer, b"x" * 50_000)

    async def _fault_huge_header(self, writer: asyncio.StreamWriter, times: Times) -> bool:
        writer.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while True:
            writer.write(b"x" * 50_000)
            await writer.drain()

    async def _fault_drip(self, writer: asyncio.StreamWriter, times: Times) -> bool:
        writer.write(HEAD.encode())
        while True:
            await self._raw(writer, b":\n")
            await asyncio.sleep(0.05)

    async def _fault_silent(self, writer: asyncio.StreamWriter, times: Times) -> bool:
        await asyncio.sleep(3600)
        return False

    async def _fault_not_utf8(self, writer: asyncio.StreamWriter, times: Times) -> bool:
        writer.write(HEAD.encode())
        await self._raw(writer, b'data: {"choices": [{"delta": {"content": "\xff\xfe"}}]}\n\n')
        return await self._end(writer)

    async def _fault_no_json(self, writer: asyncio.StreamWriter, times: Times) -> bool:
        writer.write(HEAD.encode())
        await self._event(writer, "[" * 100_000)
        return await self._end(writer)

    async def _fault_error(self, writer: asyncio.StreamWriter, times: Times) -> bool:
        writer.write(HEAD.encode())
        await self._event(writer, self._chunk(times, "so "))
        await self._event(writer, json.dumps({"error": {"message": times.authorization}}))
        return await self._end(writer)

    async def _fault_empty(self, writer: asyncio.StreamWriter, times: Times) -> bool:
        writer.write(HEAD.encode())
        await self._event(writer, self._chunk(times, "", "stop"))
        await self._event(writer, "[DONE]")
        return await self._end(writer)

    async def _fault_lies(self, writer: asyncio.StreamWriter, times: Times) -> bool:
        writer.write(HEAD.encode())
        await self._event(writer, self._chunk(times, "one", "stop"))
        await self._event(writer, json.dumps({"choices": [], "usage": {"completion_tokens": 10**9}}))
        return await self._end(writer)

    async def _fault_breaks_off(self, writer: asyncio.StreamWriter, times: Times) -> bool:
        writer.write(HEAD.encode())
        await self._event(writer, self._chunk(times, "so "))
        return False

    async def _fault_ends_early(self, writer: asyncio.StreamWriter, times: Times) -> bool:
        writer.write(HEAD.encode())
        await self._event(writer, self._chunk(times, "so "))
        return await self._end(writer)

    async def _fault_chunks_of_garbage(self, writer: asyncio.StreamWriter, times: Times) -> bool:
        writer.write(HEAD.encode() + b"zz\r\nnot a chunk\r\n")
        await writer.drain()
        return False

    async def _fault_no_http(self, writer: asyncio.StreamWriter, times: Times) -> bool:
        writer.write(b"\x00\xffSSH-2.0-nothing here\r\n\r\n")
        await writer.drain()
        return False

    async def _fault_never_closes(self, writer: asyncio.StreamWriter, times: Times) -> bool:
        """A whole answer, but the response does not end after it."""
        writer.write(HEAD.encode())
        await self._event(writer, self._chunk(times, "one", "stop"))
        await self._event(writer, "[DONE]")
        times.done = perf_counter()
        await asyncio.sleep(3600)
        return False

    async def _end(self, writer: asyncio.StreamWriter) -> bool:
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True

    @staticmethod
    def _port(writer: asyncio.StreamWriter) -> int:
        port: int = writer.get_extra_info("sockname")[1]
        return port


if __name__ == "__main__":
    asyncio.run(_Server(json.loads(sys.argv[1])).serve())
