"""Pickles that look like something else, or mean one thing to a scanner and another to a loader."""

from __future__ import annotations

import struct

EVIL = b"cos\nsystem\n(V" + b"budmodel_test_never_run\ntR."
"""Protocol 0: it needs no first byte, and may stand behind anything that an operation passes over."""


def number(value: int) -> bytes:
    """A number of a pickle."""
    return b"J" + struct.pack("<i", value)


def short(text: str) -> bytes:
    """A text of a pickle."""
    return b"\x8c" + bytes([len(text)]) + text.encode()


def long_text() -> bytes:
    """A text of one long line, taken away again before the call: all of it can be printed."""
    return b"V" + b"harmless words " * 6000 + b"\n0" + EVIL


def counted_text() -> bytes:
    """The same with a length in front, of which no byte is zero: 16 MB of words."""
    return b"X\x01\x01\x01\x01" + b"w" * 0x01010101 + b"0" + EVIL


def many_steps() -> bytes:
    """More operations than a first look follows."""
    return b"(0" * 40_000 + EVIL


def picture() -> bytes:
    """A GIF: ``G`` is a number of the next eight bytes."""
    return b"GIF89a\x10\x10\x10" + b"0" + EVIL + b"\0" * 700


def bitmap() -> bytes:
    """A BMP, whose size is the length of a byte string."""
    size = (1 << 24) + 1
    return b"BM" + struct.pack("<I", size) + (b"\0" * 332 + b"0" + EVIL).ljust(size - 6, b"\0")


def tar() -> bytes:
    """A tar: its first hundred bytes are a name that anybody chooses."""
    name = b"cos\nsystem\n(Vbudmodel_test_never_run\ntR.txt"
    block = bytearray(512)
    block[: len(name)] = name
    block[100:108], block[108:124] = b"0000644\0", b"0000000\0" * 2
    block[124:136], block[136:148] = b"00000000002\0", b"00000000000\0"
    block[148:156], block[156:157], block[257:265] = b" " * 8, b"0", b"ustar\x0000"
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block) + b"a\n".ljust(512, b"\0") + bytes(1024)


def safetensors() -> bytes:
    """A valid header whose length is a number of a pickle, and whose metadata goes on as one."""
    module, name = "concurrent.futures.process.worker", "budmodel_test_never_run_and_never_there"
    inner = (
        b"0U"
        + bytes([len(module)])
        + module.encode()
        + b"U"
        + bytes([len(name)])
        + name.encode()
        # In UTF-8 the second byte of a letter is the import; the first one belongs to the operation before.
        + "qɓ".encode()
        + b")R."
    )
    head = b'{"__metadata__":{"a":"'
    # \x8a is a number of as many bytes as the next byte says: up to where the metadata's text begins.
    skip = 6 + len(head)
    length = 0x8A + (skip << 8)
    header = (head + inner + b'"}}').ljust(length)
    return struct.pack("<Q", length) + header


def dtype(text: str, state: bytes = b"") -> bytes:
    """A numpy.dtype, perhaps with a state."""
    made = b"cnumpy\ndtype\n" + short(text) + b"\x89\x88\x87R"
    return made + state + b"b" if state else made


def joblib(kind: bytes, count: int, raw: bytes, more: bytes = b"", make: bytes = b"\x81") -> bytes:
    """An array as joblib writes it: a wrapper, and behind its state the numbers."""
    wrapper = b"cjoblib.numpy_pickle\nNumpyArrayWrapper\n"
    made = wrapper + b")\x81"
    if make == b"R":
        made = b"ccopyreg\n_reconstructor\n" + wrapper + b"cbuiltins\nobject\nN\x87R"
    state = (
        b"}("
        + short("subclass")
        + b"cnumpy\nndarray\n"
        + short("shape")
        + number(count)
        + b"\x85"
        + short("order")
        + short("C")
        + short("dtype")
        + kind
        + short("allow_mmap")
        + b"\x88"
        + more
        + b"u"
    )
    return b"\x80\x04" + made + state + b"b" + raw


def joblib_numbers_that_call() -> bytes:
    """joblib passes over the numbers, pickle does what they say."""
    raw = (b"0" + EVIL).ljust(64, b"\0")
    return joblib(dtype("u1"), 64, raw) + b"."


def joblib_other_size(
    kind: bytes, claimed: int, real: int, more: bytes = b"", make: bytes = b"\x81"
) -> bytes:
    """An array whose numbers end elsewhere than they seem to: behind them joblib goes on with a call."""
    hidden = b"0" + EVIL
    # As operations: a byte string which holds the call; as numbers: its first bytes, and then the call.
    text = b"C" + bytes([real - 2 + len(hidden) + claimed]) + b"\0" * (real - 2) + hidden
    return joblib(kind, 1 if make == b"\x81" else real, text + b"\0" * claimed, more, make) + b"."


def joblib_hidden_wrapper() -> bytes:
    """A wrapper that another function makes: no array to who only looks for its class's call."""
    return joblib_other_size(dtype("u1"), 0, 20, make=b"R")


def joblib_key_made() -> bytes:
    """The type is stated twice, the second time under a key that a call makes."""
    twice = b"cbuiltins\nstr\n" + short("dtype") + b"\x85R" + dtype("S20")
    return joblib_other_size(dtype("S200"), 180, 20, twice)


def joblib_other_state() -> bytes:
    """A type of 200 bytes, of which its state makes one of 20."""
    state = b"(" + number(3) + short("|") + b"NNN" + number(20) + number(1) + number(0) + b"t"
    return joblib_other_size(dtype("V200", state), 180, 20)


def harmless_joblib() -> bytes:
    """What joblib writes for an array of four numbers, alignment and all."""
    more = short("numpy_array_alignment_bytes") + number(16)
    return joblib(dtype("f4"), 4, b"\x03\xff\xff\xff" + bytes(range(16)), more) + b"."
