"""The detector as a file that ONNX Runtime reads."""

from __future__ import annotations

from pathlib import Path

import torch

from sigsearch.documents.page_view import STRIDE
from sigsearch.training.detector.network import Deployed, Detector
from sigsearch.training.onnx_file import write_onnx

TAKES, GIVES = "views", ("middles", "sides")


def write_detector(network: Detector, path: Path) -> None:
    """It takes uint8 views (n, h, w) of any size whose sides are multiples of STRIDE."""
    pieces = torch.export.Dim("rows", min=1, max=64), torch.export.Dim("columns", min=1, max=64)
    dynamic = {0: torch.export.Dim("batch", min=1), 1: STRIDE * pieces[0], 2: STRIDE * pieces[1]}
    deployed = Deployed(network).eval()
    write_onnx(deployed, path, GIVES, TAKES, (3 * STRIDE, 4 * STRIDE), dynamic)
