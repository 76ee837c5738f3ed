"""Whether an ONNX file leads to others: its weights may be said to lie anywhere on this machine.

Read from the file's own bytes, so that no package is needed for it. The numbers are those of
onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
"""

from __future__ import annotations

from collections.abc import Iterator

_INNER = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node", 11: "attribute"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {},
}
"""The messages that may hold a tensor somewhere, by the number of their field."""
_EXTERNAL_DATA, _DATA_LOCATION = 13, 14
_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5
_DEEPEST = 64
_KEY = b"location"
"""The key under which a tensor names its file: without this word in it, a model names none."""
_RUNTIMES_OWN = b"ORTM"  # another format, which ONNX Runtime opens as well


def leads_elsewhere(model: bytes) -> bool:
    """Whether a tensor of the model says that its values lie in another file.

    Raises:
        ValueError: these are plainly not the bytes of an ONNX model.
    """
    if model[4:8] == _RUNTIMES_OWN:
        raise ValueError("not in the ONNX format")
    return _KEY in model and _leads(memoryview(model), "model", 0)


def _leads(message: memoryview, kind: str, depth: int) -> bool:
    if depth > _DEEPEST:
        raise ValueError("its graphs are nested too deeply")
    for number, value in _fields(message):
        if kind == "tensor" and number in (_EXTERNAL_DATA, _DATA_LOCATION) and value != 0:
            return True
        inner = _INNER[kind].get(number)
        if inner and isinstance(value, memoryview) and _leads(value, inner, depth + 1):
            return True
    return False


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """The numbers of a message's fields, with a varint or the bytes of what has a length."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        number, kind = tag >> 3, tag & 7
        if kind == _VARINT:
            value, at = _varint(message, at)
            yield number, value
        elif kind in (_EIGHT, _FOUR):
            at += 8 if kind == _EIGHT else 4
        elif kind == _BYTES:
            size, at = _varint(message, at)
            if at + size > len(message):
                raise ValueError("it ends too early")
            yield number, message[at : at + size]
            at += size
        else:
            raise ValueError("not in the ONNX format")


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(message) and shift < 64:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
    raise ValueError("it ends too early")
