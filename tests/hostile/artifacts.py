"""Inputs that no scan may ever call PASSED. Built by the tests; nothing in them is live or harmful.

What would run something runs ``budmodel_test_never_run``, which does not exist. EICAR is kept as hex.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import pickle
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hostile import pickle_disguises
from scanners.clamd_server import EICAR, MARKER
from scanners.structure_files import entry, external, gguf, onnx, pair, part, safetensors, tensor, text

Files = dict[str, bytes]
WINDOW = 64 << 20
OVERLAP = 1 << 20


@dataclass(frozen=True)
class Hostile:
    """One input, and what must become of it."""

    id: str
    files: Callable[[], Files]
    status: str = "FAILED"
    """FAILED: something is found. SCANNING: nothing is decided, which is not PASSED either."""


def evil_pickle(module: str = "os", name: str = "system", argument: str = "budmodel_test_never_run") -> bytes:
    """A pickle that would call a function on loading; written opcode by opcode, never by a pickler."""
    return (
        b"\x80\x02c"
        + f"{module}\n{name}\n".encode()
        + b"(X"
        + struct.pack("<I", len(argument))
        + argument.encode()
        + b"tR."
    )


def stack_global(module: str, name: str) -> bytes:
    """The same with names that stand on the stack (protocol 4)."""
    words = b"".join(b"\x8c" + bytes([len(word)]) + word.encode() for word in (module, name))
    return b"\x80\x04" + words + b"\x93\x8c\x04none\x85R."


def harmless_pickle() -> bytes:
    """A pickle without any import."""
    return pickle.dumps({"a": [1, 2, 3]}, protocol=2)


def weights() -> bytes:
    """A valid safetensors file."""
    return safetensors({"w": tensor("F32", [2, 2], 0, 16)}, b"\0" * 16)


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """A zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return buffer.getvalue()


def torch_zip(
    data: bytes, *, more: dict[str, bytes] | None = None, method: int = zipfile.ZIP_STORED
) -> bytes:
    """The zip of ``torch.save``."""
    members = {"archive/data.pkl": data, "archive/byteorder": b"little", "archive/version": b"3\n"}
    return zipped({**members, **(more or {})}, method)


def tarred(members: dict[str, bytes | tarfile.TarInfo]) -> bytes:
    """A tar; a TarInfo stands for an entry without data."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in members.items():
            if isinstance(content, tarfile.TarInfo):
                archive.addfile(content)
                continue
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def link(name: str, target: str) -> tarfile.TarInfo:
    """A symbolic link in a tar."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = tarfile.SYMTYPE, target
    return info


def npy(objects: bytes) -> bytes:
    """An .npy of objects: a header and a pickle."""
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + objects


def legacy_torch(first: bytes) -> bytes:
    """The stream of pickles that older versions of torch.save wrote."""
    magic = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."
    return magic + b"\x80\x02M\xe9\x03." + b"\x80\x02}q\x00." + first + b"\x80\x02]q\x00."


def encrypted_zip() -> bytes:
    """A zip that says that its member is encrypted."""
    raw = bytearray(zipped({"secret.bin": b"x" * 64}))
    raw[6] |= 1
    central = raw.index(b"PK\x01\x02")
    raw[central + 8] |= 1
    return bytes(raw)


def renamed_in_central(raw: bytes, old: bytes, new: bytes) -> bytes:
    """A zip whose central directory calls a member otherwise than its local header."""
    central = raw.index(b"PK\x01\x02")
    return raw[:central] + raw[central:].replace(old, new)


def bad_crc() -> bytes:
    """A zip whose member is not what its checksum says."""
    raw = zipped({"archive/data.pkl": harmless_pickle()})
    at = raw.index(harmless_pickle())
    return raw[:at] + bytes([raw[at + 2] ^ 1]) + raw[at + 1 :]


def unknown_method() -> bytes:
    """A zip with a compression that nobody knows."""
    raw = bytearray(zipped({"a.bin": b"x" * 10}))
    raw[8:10] = b"\x63\x00"
    central = raw.index(b"PK\x01\x02")
    raw[central + 10 : central + 12] = b"\x63\x00"
    return bytes(raw)


def bomb() -> bytes:
    """A member of 300 MB in 300 kB."""
    return zipped({"zeros.bin": b"\0" * (300 << 20)}, zipfile.ZIP_DEFLATED)


def nested(depth: int) -> bytes:
    """Zips within each other, with EICAR innermost."""
    content = EICAR
    for level in range(depth):
        content = zipped({f"{level}.zip" if level else "eicar.com": content})
    return content


def window_cases() -> Iterator[Hostile]:
    """EICAR where windows begin, end and overlap."""
    # A text, as flat as weights are, and long enough for two windows.
    size = WINDOW + (4 << 20)
    step = WINDOW - OVERLAP
    places = {
        "first-byte": 0,
        "last-byte": size - len(EICAR),
        "end-of-window": WINDOW - len(EICAR),
        "across-window": WINDOW - len(EICAR) // 2,
        "begin-of-second": step,
        "across-second": step - len(EICAR) // 2,
        "after-overlap": WINDOW,
    }
    for name, at in places.items():

        def files(at: int = at) -> Files:
            line = b"harmless words of a long text file\n"
            raw = bytearray((line * (size // len(line) + 1))[:size])
            raw[at : at + len(EICAR)] = EICAR
            return {"notes.txt": bytes(raw)}

        yield Hostile(f"eicar-{name}", files)


def config(**fields: object) -> bytes:
    """A config.json."""
    return json.dumps({"model_type": "llama", **fields}).encode()


def one(name: str, content: Callable[[], bytes]) -> Callable[[], Files]:
    """A version of one file."""
    return lambda: {name: content()}


ATTACK = "{{ ''.__class__.__mro__[1].__subclasses__() }}"
EVIL = evil_pickle()

CORPUS: list[Hostile] = [
    # Malware where it lies openly, and inside what clamd opens.
    Hostile("eicar-alone", one("model.bin", lambda: EICAR)),
    Hostile("eicar-in-text", one("readme.md", lambda: b"# words\n" + EICAR + b"\n")),
    Hostile("eicar-in-json", one("vocab.json", lambda: b'{"a": "' + MARKER + b'"}')),
    Hostile(
        "eicar-in-safetensors",
        one("w.safetensors", lambda: safetensors({"w": tensor("U8", [len(MARKER)], 0, len(MARKER))}, MARKER)),
    ),
    Hostile("eicar-in-zip", one("a.zip", lambda: zipped({"eicar.com": EICAR}))),
    Hostile(
        "eicar-in-deflated-zip",
        one("a.zip", lambda: zipped({"e": b"x" * 999 + MARKER}, zipfile.ZIP_DEFLATED)),
    ),
    Hostile(
        "eicar-in-torch-zip",
        one("m.pt", lambda: torch_zip(harmless_pickle(), more={"archive/data/0": MARKER * 9})),
    ),
    Hostile("eicar-in-tar", one("a.tar", lambda: tarred({"e": MARKER}))),
    Hostile("eicar-in-gzip", one("a.gz", lambda: gzip.compress(EICAR))),
    Hostile("eicar-in-bzip2", one("a.bz2", lambda: bz2.compress(EICAR))),
    Hostile("eicar-in-xz", one("a.xz", lambda: lzma.compress(EICAR))),
    Hostile("eicar-in-zlib", one("m.joblib", lambda: zlib.compress(MARKER * 3))),
    Hostile("eicar-in-nested-zip", one("a.zip", lambda: nested(3))),
    *window_cases(),
    # Pickles that call something, in every container.
    Hostile("pickle", one("model.pkl", lambda: EVIL)),
    Hostile("pickle-as-bin", one("pytorch_model.bin", lambda: EVIL)),
    Hostile("pickle-without-extension", one("weights", lambda: EVIL)),
    Hostile("pickle-as-text", one("notes.txt", lambda: EVIL)),
    Hostile("pickle-as-safetensors", one("model.safetensors", lambda: EVIL)),
    Hostile("pickle-as-gguf", one("model.gguf", lambda: EVIL)),
    Hostile("pickle-protocol-0", one("model.pkl", lambda: b"cos\nsystem\n(S'budmodel_test_never_run'\ntR.")),
    Hostile("pickle-inst", one("model.pkl", lambda: b"(S'budmodel_test_never_run'\nios\nsystem\n.")),
    Hostile("pickle-stack-global", one("model.pkl", lambda: stack_global("posix", "system"))),
    Hostile("pickle-eval", one("model.pkl", lambda: evil_pickle("builtins", "eval"))),
    Hostile("pickle-import-module", one("model.pkl", lambda: evil_pickle("importlib", "import_module"))),
    Hostile("pickle-marshal", one("model.pkl", lambda: evil_pickle("marshal", "loads"))),
    Hostile("pickle-unknown-module", one("model.pkl", lambda: evil_pickle("budmodel_test_no_such", "thing"))),
    Hostile("pickle-runpy", one("model.pkl", lambda: evil_pickle("runpy", "run_path"))),
    Hostile(
        "pickle-numpy-runstring",
        one("model.pkl", lambda: evil_pickle("numpy.testing._private.utils", "runstring")),
    ),
    Hostile("pickle-second-stream", one("model.pkl", lambda: harmless_pickle() + EVIL)),
    Hostile("pickle-after-broken-opcode", one("model.pkl", lambda: EVIL[:-1] + b"\xff\xfe")),
    Hostile("pickle-in-torch-zip", one("model.pt", lambda: torch_zip(EVIL))),
    Hostile(
        "pickle-in-deflated-torch-zip", one("model.pt", lambda: torch_zip(EVIL, method=zipfile.ZIP_DEFLATED))
    ),
    Hostile(
        "pickle-beside-data",
        one("model.pt", lambda: torch_zip(harmless_pickle(), more={"archive/extra.pkl": EVIL})),
    ),
    Hostile(
        "pickle-as-storage",
        one("model.pt", lambda: torch_zip(harmless_pickle(), more={"archive/data/../evil.pkl": EVIL})),
    ),
    Hostile("pickle-in-legacy-torch", one("model.pt", lambda: legacy_torch(EVIL))),
    Hostile("pickle-in-npy", one("a.npy", lambda: npy(EVIL))),
    Hostile("pickle-in-npz", one("a.npz", lambda: zipped({"a.npy": npy(EVIL)}))),
    Hostile("pickle-in-zlib", one("model.joblib", lambda: zlib.compress(EVIL))),
    Hostile("pickle-in-gzip", one("model.pkl.gz", lambda: gzip.compress(EVIL))),
    Hostile("pickle-in-bzip2", one("model.joblib", lambda: bz2.compress(EVIL))),
    Hostile("pickle-in-xz", one("model.joblib", lambda: lzma.compress(EVIL))),
    Hostile("pickle-in-tar", one("model.tar", lambda: tarred({"m.pkl": EVIL}))),
    Hostile("pickle-in-tar-gz", one("model.tar.gz", lambda: gzip.compress(tarred({"m.pkl": EVIL})))),
    Hostile("pickle-in-nested-zip", one("model.zip", lambda: zipped({"inner.zip": zipped({"m.pkl": EVIL})}))),
    Hostile("pickle-with-zip-tail", one("model.pkl", lambda: EVIL + zipped({"a": b"b"}))),
    # Pickles that look like something else; each was loaded once to see that it calls what it says.
    Hostile("pickle-as-long-text", one("pytorch_model.bin", pickle_disguises.long_text)),
    Hostile("pickle-as-counted-text", one("weights", pickle_disguises.counted_text)),
    Hostile("pickle-after-many-steps", one("model.ckpt", pickle_disguises.many_steps)),
    Hostile("pickle-as-picture", one("model.bin", pickle_disguises.picture)),
    Hostile("pickle-as-bitmap", one("model.bin", pickle_disguises.bitmap)),
    Hostile("pickle-as-tar", one("model.bin", pickle_disguises.tar)),
    Hostile("pickle-as-valid-safetensors", one("model.safetensors", pickle_disguises.safetensors)),
    Hostile("pickle-in-numbers-of-joblib", one("model.joblib", pickle_disguises.joblib_numbers_that_call)),
    Hostile("joblib-hidden-wrapper", one("model.joblib", pickle_disguises.joblib_hidden_wrapper)),
    Hostile("joblib-key-made", one("model.joblib", pickle_disguises.joblib_key_made), "SCANNING"),
    Hostile("joblib-other-state", one("model.joblib", pickle_disguises.joblib_other_state), "SCANNING"),
    # Two files in one.
    Hostile("polyglot-zip-behind-pickle", one("m.bin", lambda: harmless_pickle() + zipped({"a": b"b"}))),
    Hostile("polyglot-zip-behind-safetensors", one("w.safetensors", lambda: weights() + zipped({"a": b"b"}))),
    Hostile("polyglot-zip-behind-text", one("a.txt", lambda: b"words\n" + zipped({"a": b"b"}))),
    # Headers that lie.
    Hostile("safetensors-header-bomb", one("w.safetensors", lambda: struct.pack("<Q", 1 << 62) + b"{}")),
    Hostile(
        "safetensors-overlap",
        one(
            "w.safetensors",
            lambda: safetensors({"a": tensor("U8", [8], 0, 8), "b": tensor("U8", [8], 4, 12)}, b"\0" * 12),
        ),
    ),
    Hostile(
        "safetensors-hole",
        one(
            "w.safetensors",
            lambda: safetensors({"a": tensor("U8", [4], 0, 4), "b": tensor("U8", [4], 8, 12)}, b"\0" * 12),
        ),
    ),
    Hostile("safetensors-truncated", one("w.safetensors", lambda: weights()[:-3])),
    Hostile("safetensors-trailing", one("w.safetensors", lambda: weights() + b"more")),
    Hostile("gguf-count-bomb", one("m.gguf", lambda: b"GGUF" + struct.pack("<IQQ", 3, 1 << 60, 1 << 60))),
    Hostile("gguf-truncated", one("m.gguf", lambda: gguf()[:20])),
    Hostile("gguf-template", one("m.gguf", lambda: gguf([pair("tokenizer.chat_template", 8, text(ATTACK))]))),
    Hostile(
        "onnx-escapes", one("m.onnx", lambda: onnx(part(5, external(entry("location", "../../etc/passwd")))))
    ),
    # Containers that hide.
    Hostile("zip-bomb", one("a.zip", bomb)),
    Hostile("zip-encrypted", one("a.zip", encrypted_zip)),
    Hostile(
        "zip-name-mismatch",
        one("m.pt", lambda: renamed_in_central(torch_zip(EVIL), b"data.pkl", b"data.txt")),
    ),
    Hostile("zip-bad-crc", one("m.pt", bad_crc)),
    Hostile("zip-unknown-method", one("a.zip", unknown_method), "SCANNING"),
    Hostile(
        "zip-duplicate",
        one("a.zip", lambda: zipped({"a.bin": b"1", "b.bin": b"2"}).replace(b"b.bin", b"a.bin")),
    ),
    Hostile("zip-path-escape", one("a.zip", lambda: zipped({"../evil.txt": b"x"}))),
    Hostile("zip-absolute", one("a.zip", lambda: zipped({"/etc/evil.txt": b"x"}))),
    Hostile("zip-truncated", one("a.zip", lambda: zipped({"a.txt": b"x" * 999})[:-30])),
    Hostile("zip-too-deep", one("a.zip", lambda: nested(12))),
    Hostile("tar-symlink", one("a.tar", lambda: tarred({"l": link("l", "/etc/passwd")}))),
    Hostile("tar-path-escape", one("a.tar", lambda: tarred({"../evil": b"x"}))),
    Hostile("gzip-truncated", one("a.gz", lambda: gzip.compress(b"words " * 999)[:-9]), "SCANNING"),
    # Code, and what runs it.
    Hostile(
        "chat-template", lambda: {"tokenizer_config.json": json.dumps({"chat_template": ATTACK}).encode()}
    ),
    Hostile("chat-template-file", one("chat_template.jinja", lambda: ATTACK.encode())),
    Hostile(
        "auto-map-elsewhere", lambda: {"config.json": config(auto_map={"AutoModel": "evil/repo--model.Evil"})}
    ),
    Hostile(
        "keras-lambda",
        one(
            "m.keras",
            lambda: zipped(
                {
                    "metadata.json": b"{}",
                    "config.json": json.dumps({"class_name": "Lambda", "config": {}}).encode(),
                    "model.weights.h5": b"\x89HDF\r\n\x1a\n" + b"\0" * 64,
                }
            ),
        ),
    ),
    Hostile(
        "keras-module",
        one(
            "m.keras",
            lambda: zipped(
                {
                    "metadata.json": b"{}",
                    "config.json": json.dumps(
                        {"module": "subprocess", "class_name": "Popen", "config": {}}
                    ).encode(),
                }
            ),
        ),
    ),
    Hostile("keras-hdf5", one("m.h5", lambda: b"\x89HDF\r\n\x1a\n" + b"\0" * 200)),
    Hostile(
        "torchscript",
        one(
            "m.pt",
            lambda: zipped(
                {
                    "m/data.pkl": harmless_pickle(),
                    "m/constants.pkl": harmless_pickle(),
                    "m/code/__torch__.py": b"x = 1\n",
                    "m/version": b"3\n",
                }
            ),
        ),
    ),
    Hostile("savedmodel", one("saved_model.pb", lambda: b"\x08\x01\x12\x10\x0a\x0e\x0a\x0cStatelessIf_")),
    Hostile("elf", one("model.bin", lambda: b"\x7fELF\x02\x01\x01" + b"\0" * 200)),
    Hostile("llamafile", one("model.llamafile", lambda: b"MZqFpD='\n" + b"\0" * 400)),
    Hostile("shell-script", one("run", lambda: b"#!/bin/sh\necho budmodel_test_never_run\n")),
    Hostile("windows-program", one("model.safetensors", lambda: b"MZ\x90\x00" + b"\0" * 200)),
    # What nobody can read.
    Hostile("unknown-bytes", one("model.bin", lambda: bytes(range(256)) * 40), "SCANNING"),
]
