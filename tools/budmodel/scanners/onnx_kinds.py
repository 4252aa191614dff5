"""The messages of ONNX that are looked into: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto."""

from __future__ import annotations

from budmodel.scanners.protobuf_walk import Message


def _texts(*numbers: int) -> frozenset[int]:
    return frozenset(numbers)


ENTRY = Message("StringStringEntryProto", texts=_texts(1, 2))
TENSOR = Message("TensorProto", {13: ENTRY}, numbers=frozenset({14}))
SPARSE = Message("SparseTensorProto", {1: TENSOR, 2: TENSOR})
NODE = Message("NodeProto", texts=_texts(4, 7))
ATTRIBUTE = Message("AttributeProto")
GRAPH = Message("GraphProto", {1: NODE, 5: TENSOR, 15: SPARSE})
OPERATORS = Message("OperatorSetIdProto", texts=_texts(1))
FUNCTION = Message("FunctionProto", {7: NODE, 9: OPERATORS, 11: ATTRIBUTE}, texts=_texts(10))
TRAINING = Message("TrainingInfoProto", {1: GRAPH, 2: GRAPH})
MODEL = Message("ModelProto", {7: GRAPH, 8: OPERATORS, 20: TRAINING, 25: FUNCTION}, numbers=frozenset({1}))
# Attributes of a node hold tensors and graphs, whose nodes have attributes.
NODE.messages = {5: ATTRIBUTE}
ATTRIBUTE.messages = {5: TENSOR, 6: GRAPH, 10: TENSOR, 11: GRAPH, 22: SPARSE, 23: SPARSE}

LOCATION_EXTERNAL = 1
"""``TensorProto.data_location`` of a tensor whose bytes are in another file."""
STANDARD = frozenset(
    {"", "ai.onnx", "ai.onnx.ml", "ai.onnx.preview", "ai.onnx.preview.training", "ai.onnx.training"}
)
"""Domains of the operators that every ONNX runtime brings."""
CODE_DOMAINS = frozenset({"ai.onnx.contrib", "com.microsoft.extensions"})
"""Domains of onnxruntime-extensions: a library is loaded for them, and their PyOp calls Python."""
CODE_OPERATORS = frozenset(
    {("com.microsoft", "PythonOp"), ("com.microsoft", "PythonOpGrad"), ("com.microsoft", "EPContext")}
)
"""Operators that call Python, or load a compiled program from bytes or from a path that they name."""
