"""A trained network opened with ONNX Runtime, below all rooms that run one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sigsearch.errors import EncoderError, SigsearchError


def open_network(
    model: bytes,
    place: Path,
    fault: type[SigsearchError] = EncoderError,
    remedy: str = "reinstall sigsearch",
    threads: int = 1,
) -> Any:
    """A session over `model`, the contents of the file `place`, on so many cores a run; 0 = all.

    Raises `fault`, with the `remedy`, when it cannot be opened.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    # A second arena only pays for models that run for minutes; these should stay small.
    options.enable_cpu_mem_arena = False
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as unknown:  # onnxruntime raises its own unexported types
        raise fault(f"{place}: cannot be opened ({unknown}); {remedy}") from None
