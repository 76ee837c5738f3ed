"""A network in floating point -> the same in bytes: a third of the size, in half the time or less.

Weights become int8, one scale a channel; what flows between the layers uint8, its ranges taken from
canvases of training writers. Weights use seven of the eight bits, so that processors that add two
products in sixteen bits do not overflow and give what newer ones give.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sigsearch.models.network import quiet_runtime
from sigsearch.training.encoder.augment import shrink
from sigsearch.training.packed import PackedImages

Canvases = NDArray[np.uint8]

IMAGES = 384
_BATCH = 16
_IN_FLOAT = ("stem", "detail_head", "token_head")
"""Layers that cost little time and, in bytes, agreement: the one that sees the canvas and the ones
that write the tokens. The global head and all normalising stay in floating point too."""


def calibration_canvases(
    sets: Sequence[PackedImages], images: int = IMAGES, seed: int = 0
) -> Canvases:
    """uint8 (images, 1, height, width): as many of each set, drawn by `seed`."""
    rng = np.random.default_rng(seed)
    shares = [len(part) for part in np.array_split(np.arange(images), len(sets))]
    chosen = [
        rng.choice(len(one), min(share, len(one)), replace=False)
        for one, share in zip(sets, shares, strict=True)
    ]
    return np.concatenate(
        [canvases_of(one, np.sort(rows)) for one, rows in zip(sets, chosen, strict=True)]
    )


def canvases_of(images: PackedImages, rows: NDArray[np.int64]) -> Canvases:
    """The chosen rows as the exported network takes them: uint8 (n, 1, height, width)."""
    ink = shrink(torch.from_numpy(images.unpack(rows)))
    canvases: Canvases = (ink * 255).round().to(torch.uint8).numpy()
    return canvases


def quantise(
    path: Path, inputs: Canvases, takes: str = "canvases", in_float: Sequence[str] = _IN_FLOAT
) -> None:
    """Put the network at `path` (ONNX, in floating point) into bytes, in its place. `inputs` are
    what it `takes`; layers with a name in `in_float` stay as they are."""
    import onnx

    quiet_runtime()
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static

    layers = [node for node in onnx.load(path).graph.node if node.op_type == "Conv"]
    with TemporaryDirectory() as folder:
        made = Path(folder) / path.name
        quantize_static(
            path,
            made,
            _reader(takes, np.array_split(inputs, -(-len(inputs) // _BATCH))),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv", "Add", "Relu"],
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=[
                node.name for node in layers if any(part in node.input[1] for part in in_float)
            ],
        )
        path.write_bytes(made.read_bytes())


def _reader(takes: str, batches: Iterable[Canvases]) -> Any:
    from onnxruntime.quantization import CalibrationDataReader

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self._batches: Iterator[Canvases] = iter(batches)

        def get_next(self) -> dict[str, Canvases] | None:
            batch = next(self._batches, None)
            return None if batch is None else {takes: batch}

    return Reader()
