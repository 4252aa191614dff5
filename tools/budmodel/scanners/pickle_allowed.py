"""Names that a pickle may import: those that hold numbers, and nothing whose call reaches further.

Each was chosen for what it does when it is called with any arguments: it builds a value. There are no
wildcards, since every package has some name that runs what it is given.
"""

from __future__ import annotations

from collections.abc import Iterable

_BUILTINS = [
    "bool",
    "bytearray",
    "bytes",
    "complex",
    "dict",
    "float",
    "frozenset",
    "int",
    "list",
    "object",
    "range",
    "set",
    "slice",
    "str",
    "tuple",
]
_STORAGES = [
    "BFloat16",
    "Bool",
    "Byte",
    "Char",
    "ComplexDouble",
    "ComplexFloat",
    "Double",
    "Float",
    "Half",
    "Int",
    "Long",
    "QInt32",
    "QInt8",
    "QUInt2x4",
    "QUInt4x2",
    "QUInt8",
    "Short",
    "Untyped",
    "Typed",
]
_TORCH_TYPES = [
    "bfloat16",
    "bool",
    "complex128",
    "complex32",
    "complex64",
    "float16",
    "float32",
    "float64",
    "float8_e4m3fn",
    "float8_e4m3fnuz",
    "float8_e5m2",
    "float8_e5m2fnuz",
    "int16",
    "int32",
    "int64",
    "int8",
    "qint32",
    "qint8",
    "quint8",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
]
_NUMPY_TYPES = [
    "bool",
    "bool_",
    "bytes_",
    "complex128",
    "complex64",
    "float16",
    "float32",
    "float64",
    "int16",
    "int32",
    "int64",
    "int8",
    "intc",
    "longlong",
    "str_",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "ulonglong",
]
_NUMPY_DTYPES = [
    "Bool",
    "Bytes",
    "Complex128",
    "Complex64",
    "Float16",
    "Float32",
    "Float64",
    "Int16",
    "Int32",
    "Int64",
    "Int8",
    "Str",
    "UInt16",
    "UInt32",
    "UInt64",
    "UInt8",
]
_TORCH = [
    "torch._utils._rebuild_parameter",
    "torch._utils._rebuild_qtensor",
    "torch._utils._rebuild_sparse_tensor",
    "torch._utils._rebuild_tensor",
    "torch._utils._rebuild_tensor_v2",
    "torch._utils._rebuild_tensor_v3",
    "torch.Size",
    "torch.device",
    "torch.per_channel_affine",
    "torch.per_tensor_affine",
    "torch.serialization._get_layout",
    "torch.strided",
]
_NUMPY = [
    "numpy.ndarray",
    "numpy.dtype",
    "numpy.core.multiarray._reconstruct",
    "numpy._core.multiarray._reconstruct",
    "numpy.core.multiarray.scalar",
    "numpy._core.multiarray.scalar",
    "numpy.core.numeric._frombuffer",
    "numpy._core.numeric._frombuffer",
]
_OTHERS = [
    "_codecs.encode",
    "argparse.Namespace",
    "collections.Counter",
    "collections.OrderedDict",
    "collections.defaultdict",
    "collections.deque",
    "copy_reg._reconstructor",
    "copyreg._reconstructor",
    "datetime.date",
    "datetime.datetime",
    "datetime.timedelta",
    "datetime.timezone",
    "decimal.Decimal",
    "joblib.numpy_pickle.NumpyArrayWrapper",
]

ALLOWED = frozenset(
    [
        *(f"{module}.{name}" for module in ("builtins", "__builtin__") for name in _BUILTINS),
        *(f"torch.{name}Storage" for name in _STORAGES),
        *(f"torch.storage.{name}Storage" for name in ("Untyped", "Typed")),
        *(f"torch.{name}" for name in _TORCH_TYPES),
        *(f"numpy.{name}" for name in _NUMPY_TYPES),
        *(f"numpy.dtypes.{name}DType" for name in _NUMPY_DTYPES),
        *_TORCH,
        *_NUMPY,
        *_OTHERS,
    ]
)
"""``module.name`` as pickles state them."""

ITEM_SIZES = {
    "BFloat16": 2,
    "Bool": 1,
    "Byte": 1,
    "Char": 1,
    "ComplexDouble": 16,
    "ComplexFloat": 8,
    "Double": 8,
    "Float": 4,
    "Half": 2,
    "Int": 4,
    "Long": 8,
    "QInt32": 4,
    "QInt8": 1,
    "QUInt2x4": 1,
    "QUInt4x2": 1,
    "QUInt8": 1,
    "Short": 2,
    "Untyped": 1,
}
"""Bytes of an item in a storage of torch, by the storage's name."""


def not_allowed(names: Iterable[str], more: Iterable[str]) -> list[str]:
    """The names that neither the list nor a policy's own allows, sorted."""
    allowed = ALLOWED | set(more)
    return sorted({name for name in names if name not in allowed})
