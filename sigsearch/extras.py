"""What only an extra of sigsearch brings, and how it is installed."""

from __future__ import annotations

from sigsearch.errors import ExtraMissing

_EXTRAS = {
    "train": (
        *("torch", "pytorch_metric_learning", "onnx", "onnxscript", "safetensors", "matplotlib"),
    ),
    "parquet": ("pyarrow",),
    "encryption": ("cryptography",),
    "peers": ("cv2",),
}


def missing_extra(missing: ModuleNotFoundError) -> ExtraMissing | None:
    """The error that says what to install; None for a module that no extra brings."""
    module = (missing.name or "").partition(".")[0]
    for extra, modules in _EXTRAS.items():
        if module in modules:
            return ExtraMissing(f"this needs {module}: pip install 'sigsearch[{extra}]'")
    return None
