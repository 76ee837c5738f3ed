"""Half precision only where it is quicker."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from sigsearch.training.precision import mixed_precision  # noqa: E402


@pytest.mark.parametrize(
    ("able", "precision"),
    [({"avx2": True}, "float32"), ({"avx512_bf16": True}, "bfloat16"), ({}, "float32")],
)
def test_a_processor_without_bfloat16_computes_in_float32(
    able: dict[str, bool], precision: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("torch.cpu.get_capabilities", lambda: able, raising=False)
    with mixed_precision(torch.device("cpu")):
        product = torch.ones(2, 2) @ torch.ones(2, 2)
    assert product.dtype == getattr(torch, precision)
