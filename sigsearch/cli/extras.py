"""What only an extra of sigsearch brings, and how it is installed."""

from __future__ import annotations

from importlib.util import find_spec

from sigsearch.errors import ExtraMissing

_EXTRAS = {
    "train": (
        *("torch", "pytorch_metric_learning", "onnx", "onnxscript", "safetensors", "matplotlib"),
    ),
    "parquet": ("pyarrow",),
    "cloud": ("fsspec",),
    "ray": ("ray",),
    "encryption": ("cryptography",),
    "peers": ("cv2",),
    "serve": ("fastapi", "uvicorn", "python_multipart", "sqlalchemy", "prometheus_client"),
    "oidc": ("jwt", "cryptography"),
}


def require(extra: str) -> None:
    """Refuse now what would be missed after hours. Raises ExtraMissing."""
    for module in _EXTRAS[extra]:
        if find_spec(module) is None:
            raise _missing(module, extra)


def missing_extra(missing: ModuleNotFoundError) -> ExtraMissing | None:
    """The error that says what to install; None for a module that no extra brings."""
    module = (missing.name or "").partition(".")[0]
    for extra, modules in _EXTRAS.items():
        if module in modules:
            return _missing(module, extra)
    return None


def _missing(module: str, extra: str) -> ExtraMissing:
    return ExtraMissing(f"this needs {module}: pip install 'sigsearch[{extra}]'")
