"""A network that takes canvases -> a file that ONNX Runtime reads."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import nn

from sigsearch.imaging import CANVAS_SHAPE


def write_onnx(
    deployed: nn.Module,
    path: Path,
    outputs: Sequence[str],
    takes: str = "canvases",
    shape: tuple[int, ...] = (1, *CANVAS_SHAPE),
    dynamic: Mapping[int, Any] | None = None,
) -> None:
    """Write `deployed`, which takes uint8 (n, *shape), any number of them at once, and gives
    `outputs`. `dynamic`: which dimensions may differ, where it is not only the first."""
    example = torch.zeros((2, *shape), dtype=torch.uint8)
    with _quiet():
        program = torch.onnx.export(
            deployed,
            (example,),
            input_names=[takes],
            output_names=list(outputs),
            dynamic_shapes=(dynamic or {0: torch.export.Dim("batch", min=1)},),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    assert program is not None
    program.save(path, external_data=False)
    _strip_origin(path)


@contextmanager
def _quiet() -> Iterator[None]:
    """The exporter complains of extras that it does not need (torchvision) and of its own code."""
    log = logging.getLogger("torch.onnx")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)


def _strip_origin(path: Path) -> None:
    """Drop what the exporter notes of the machine: source paths and stack traces at each node."""
    import onnx

    model = onnx.load(path)
    parts = [model, model.graph, *model.functions]
    parts += [node for holder in (model.graph, *model.functions) for node in holder.node]
    parts += [*model.graph.value_info, *model.graph.input, *model.graph.output]
    parts += model.graph.initializer
    for part in parts:
        part.doc_string = ""
        del part.metadata_props[:]
    onnx.save(model, path)
