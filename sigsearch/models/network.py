"""A trained network opened with ONNX Runtime, below all rooms that run one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sigsearch.errors import EncoderError, SigsearchError
from sigsearch.models.external import leads_elsewhere


def quiet_runtime() -> Any:
    """ONNX Runtime, told before its import to keep to itself: newer ones mark the device in the
    user's cache and look up a host."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    return onnxruntime


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
    try:
        if leads_elsewhere(model):
            raise fault(
                f"{place}: its weights lie in other files, and are not read from there: export it "
                "again with all weights in the one file"
            )
    except ValueError as error:
        raise fault(f"{place}: cannot be opened ({error}); {remedy}") from None
    onnxruntime = quiet_runtime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    # A second arena only pays for models that run for minutes; these should stay small.
    options.enable_cpu_mem_arena = False
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as unknown:  # onnxruntime raises its own unexported types
        raise fault(f"{place}: cannot be opened ({unknown}); {remedy}") from None
