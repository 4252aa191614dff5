"""Walks through a pickle without loading it: what it would import and call, and where it ends.

A pickle is a program for a small stack machine (opcodes: ``pickletools`` of the standard library). This one
keeps names, numbers and short texts, and forgets the rest; nothing is imported or called.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, BinaryIO

MOST_OPERATIONS = 30_000_000
_KEEP = 100_000
"""Items of a list or mapping that are kept."""
_TEXT = 4096
_STRINGS = frozenset(
    {"STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"}
)
_BYTES = frozenset({"BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"})
_NUMBERS = frozenset({"INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"})
_WRAPPER = "joblib.numpy_pickle.NumpyArrayWrapper"
COMPUTED = "an import whose name is computed"
ODD_KEYS = object()
"""A key of mappings of which not all is known: more may be in them, and other values under the same keys."""


class PickleError(Exception):
    """It is no pickle, is cut off, or does what no pickler writes."""


class TooLongError(Exception):
    """It has more operations than are walked through."""


@dataclass(frozen=True, slots=True)
class Global:
    """Something that loading imports."""

    name: str


@dataclass(slots=True)
class Made:
    """What a call made."""

    by: str
    args: tuple[Any, ...] = ()
    state: Any = None
    builds: int = 0
    """How often it was given a state; of several, the last one stands in ``state``."""


class Unknown:
    """A value that does not matter, or cannot be known."""


UNKNOWN = Unknown()
_MARK = object()


@dataclass(slots=True)
class Walk:
    """What one pickle does."""

    start: int
    end: int = 0
    names: set[str] = field(default_factory=set)
    """Everything that it imports, as ``module.name``."""
    odd: set[str] = field(default_factory=set)
    """What no pickler writes: imports without a name, calls of what is no import."""
    storages: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Of torch: a storage's key with its kind and its number of items."""
    result: Any = UNKNOWN
    operations: int = 0
    calls: bool = False
    """Whether it calls anything."""
    inner: list[bytes] = field(default_factory=list)
    """Byte strings in it that may be pickles themselves."""
    arrays: int = 0
    """Arrays between its operations (joblib)."""


class Walker:
    """Walks through one pickle from where a stream stands."""

    def __init__(self, stream: BinaryIO, array: Callable[[BinaryIO, Any], list[Walk]] | None = None) -> None:
        """Begins.

        Args:
            stream: stands at the first operation.
            array: passes over an array of joblib, given its description; returns the pickles inside it.
        """
        self._stream, self._array = stream, array
        self.walk = Walk(stream.tell())
        self.nested: list[Walk] = []
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def run(self) -> Walk:
        """To the end of the pickle.

        Raises:
            PickleError: it cannot be walked through; what was seen until then is in ``walk``.
            TooLongError: it is too long.
        """
        walk = self.walk
        try:
            for operation, argument, _ in pickletools.genops(self._stream):
                walk.operations += 1
                if walk.operations > MOST_OPERATIONS:
                    raise TooLongError
                self.do(operation.name, argument)
        except (PickleError, TooLongError):
            raise
        except MemoryError:
            raise
        except Exception as error:
            raise PickleError(f"it cannot be read to its end ({type(error).__name__})") from None
        walk.end = self._stream.tell()
        return walk

    def do(self, name: str, argument: Any) -> None:
        """One operation.

        Raises:
            PickleError: it fails where a pickle is loaded, too, or nobody here knows it.
        """
        if name in _STRINGS:
            self._push(argument if len(argument) <= _TEXT else UNKNOWN)
        elif name in _NUMBERS:
            self._push(argument)
        elif name in _BYTES:
            self._keep_inner(bytes(argument))
            self._push(UNKNOWN)
        elif name in ("BINPUT", "LONG_BINPUT", "PUT"):
            self._memo[int(argument)] = self._top()
        elif name == "MEMOIZE":
            self._memo[len(self._memo)] = self._top()
        elif name in ("BINGET", "LONG_BINGET", "GET"):
            if int(argument) not in self._memo:
                raise PickleError("it takes something that it never put away")
            self._push(self._memo[int(argument)])
        else:
            handler = _HANDLERS.get(name)
            if handler is None:
                raise PickleError(f"it uses the operation {name}, which nobody here knows")
            handler(self, argument)

    def skipped(self) -> None:
        """A text, number or byte string that was not looked at."""
        self._push(UNKNOWN)

    def _push(self, value: Any) -> None:
        self._stack.append(value)

    def _pop(self) -> Any:
        if not self._stack:
            raise PickleError("it takes more than it has put")
        return self._stack.pop()

    def _top(self) -> Any:
        if not self._stack:
            raise PickleError("it takes more than it has put")
        return self._stack[-1]

    def _pop_mark(self) -> list[Any]:
        items: list[Any] = []
        while True:
            value = self._pop()
            if value is _MARK:
                return items[::-1]
            items.append(value)

    def _keep_inner(self, content: bytes) -> None:
        if len(content) > 3 and len(self.walk.inner) < 64 and len(content) <= 1 << 20:
            self.walk.inner.append(content)

    # The operations

    def _import(self, module: Any, name: Any) -> Global:
        if not isinstance(module, str) or not isinstance(name, str):
            self.walk.odd.add(COMPUTED)
            return Global("?")
        full = f"{module}.{name}"
        self.walk.names.add(full)
        return Global(full)

    def _global(self, argument: Any) -> None:
        module, _, name = str(argument).partition(" ")
        self._push(self._import(module, name))

    def _stack_global(self, _: Any) -> None:
        name, module = self._pop(), self._pop()
        self._push(self._import(module, name))

    def _call(self, what: Any, arguments: Any = ()) -> None:
        self.walk.calls = True
        if isinstance(arguments, tuple) and any(
            isinstance(one, Global) and one.name == _WRAPPER for one in arguments
        ):
            # What copyreg._reconstructor makes of it would be an array to joblib, and none here.
            self.walk.odd.add("an array of joblib that another function makes")
        if not isinstance(what, Global):
            self.walk.odd.add("a call of something that it did not import")
            self._push(UNKNOWN)
            return
        self._push(Made(what.name, arguments if isinstance(arguments, tuple) else ()))

    def _inst(self, argument: Any) -> None:
        arguments = tuple(self._pop_mark())
        module, _, name = str(argument).partition(" ")
        self._call(self._import(module, name), arguments)

    def _obj(self, _: Any) -> None:
        items = self._pop_mark()
        self._call(items[0] if items else UNKNOWN, tuple(items[1:]))

    def _reduce(self, _: Any) -> None:
        arguments = self._pop()
        self._call(self._pop(), arguments)

    def _newobj_ex(self, _: Any) -> None:
        self._pop()
        arguments = self._pop()
        self._call(self._pop(), arguments)

    def _build(self, _: Any) -> None:
        state, target = self._pop(), self._top()
        if isinstance(target, Made):
            target.state = state
            target.builds += 1
            if target.by == _WRAPPER and self._array is not None:
                self.walk.arrays += 1
                self.nested += self._array(self._stream, state)
        elif isinstance(target, Global):
            self.walk.odd.add("a change of something that it imported")

    def _persistent(self, identity: Any) -> None:
        if isinstance(identity, tuple) and len(identity) >= 5 and identity[0] == "storage":
            kind, key, count = identity[1], identity[2], identity[4]
            if isinstance(kind, Global) and isinstance(key, str) and isinstance(count, int):
                self.walk.storages[key] = (kind.name, count)
        self._push(UNKNOWN)

    def _extension(self, _: Any) -> None:
        self.walk.odd.add("an import by number, which stands for any name")
        self._push(Global("?"))

    def _buffer(self, _: Any) -> None:
        raise PickleError("it takes bytes that are not in the file")

    def _stop(self, _: Any) -> None:
        self.walk.result = self._pop()

    def _tuple(self, _: Any) -> None:
        self._push(tuple(self._pop_mark()[:_KEEP]))

    def _tuple_of(self, count: int) -> None:
        items = [self._pop() for _ in range(count)]
        self._push(tuple(items[::-1]))

    def _append(self, _: Any) -> None:
        value = self._pop()
        _extend(self._top(), [value])

    def _appends(self, _: Any) -> None:
        items = self._pop_mark()
        _extend(self._top(), items)

    def _setitem(self, _: Any) -> None:
        value, key = self._pop(), self._pop()
        _update(self._top(), [key, value])

    def _setitems(self, _: Any) -> None:
        items = self._pop_mark()
        _update(self._top(), items)

    def _dict(self, _: Any) -> None:
        made: dict[Any, Any] = {}
        _update(made, self._pop_mark())
        self._push(made)

    def _dup(self, _: Any) -> None:
        self._push(self._top())

    def _drop(self, _: Any) -> None:
        self._pop()

    def _drop_mark(self, _: Any) -> None:
        self._pop_mark()

    def _frozenset(self, _: Any) -> None:
        self._pop_mark()
        self._push(UNKNOWN)


def _extend(target: Any, items: list[Any]) -> None:
    if isinstance(target, list) and len(target) < _KEEP:
        target += items[:_KEEP]


def _update(target: Any, items: list[Any]) -> None:
    if not isinstance(target, dict):
        return
    for key, value in zip(items[::2], items[1::2], strict=False):
        if isinstance(key, str | int) and (len(target) < _KEEP or key in target):
            target[key] = value
        elif isinstance(key, str | int | Made | Unknown):
            # What a call makes may be equal to a text that is a key already.
            target[ODD_KEYS] = True


_HANDLERS: dict[str, Callable[[Walker, Any], None]] = {
    "PROTO": lambda walker, _: None,
    "FRAME": lambda walker, _: None,
    "STOP": Walker._stop,
    "MARK": lambda walker, _: walker._push(_MARK),
    "POP": Walker._drop,
    "POP_MARK": Walker._drop_mark,
    "DUP": Walker._dup,
    "NONE": lambda walker, _: walker._push(None),
    "NEWTRUE": lambda walker, _: walker._push(True),
    "NEWFALSE": lambda walker, _: walker._push(False),
    "EMPTY_TUPLE": lambda walker, _: walker._push(()),
    "TUPLE": Walker._tuple,
    "TUPLE1": lambda walker, _: walker._tuple_of(1),
    "TUPLE2": lambda walker, _: walker._tuple_of(2),
    "TUPLE3": lambda walker, _: walker._tuple_of(3),
    "EMPTY_LIST": lambda walker, _: walker._push([]),
    "LIST": lambda walker, _: walker._push(walker._pop_mark()[:_KEEP]),
    "APPEND": Walker._append,
    "APPENDS": Walker._appends,
    "EMPTY_DICT": lambda walker, _: walker._push({}),
    "DICT": Walker._dict,
    "SETITEM": Walker._setitem,
    "SETITEMS": Walker._setitems,
    "EMPTY_SET": lambda walker, _: walker._push(UNKNOWN),
    "ADDITEMS": Walker._drop_mark,
    "FROZENSET": Walker._frozenset,
    "GLOBAL": Walker._global,
    "STACK_GLOBAL": Walker._stack_global,
    "INST": Walker._inst,
    "OBJ": Walker._obj,
    "REDUCE": Walker._reduce,
    "NEWOBJ": Walker._reduce,
    "NEWOBJ_EX": Walker._newobj_ex,
    "BUILD": Walker._build,
    "PERSID": lambda walker, argument: walker._persistent(argument),
    "BINPERSID": lambda walker, _: walker._persistent(walker._pop()),
    "EXT1": Walker._extension,
    "EXT2": Walker._extension,
    "EXT4": Walker._extension,
    "NEXT_BUFFER": Walker._buffer,
    "READONLY_BUFFER": lambda walker, _: None,
}
