"""Every range of numbers is read by the stated rule, or refused."""

from __future__ import annotations

import numpy as np
import pytest

from sigsearch.errors import NotAnImage
from sigsearch.imaging.depth import to_levels

GREY = np.array([[0, 64, 128, 255]], np.uint8)
SHARE = GREY / 255


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
@pytest.mark.parametrize("kind", ["<u2", ">u2", "int32", "int64", "float32", "float64"])
def test_a_scanner_s_bits_in_a_wider_type(bits: int, kind: str):
    values = np.rint(SHARE * (2**bits - 1)).astype(kind)
    assert np.abs(to_levels(values, "x").astype(int) - GREY).max() <= 1


@pytest.mark.parametrize(
    "values",
    [SHARE, SHARE * 2 - 1, SHARE * 255, SHARE * 65535, SHARE * 1.001, SHARE.astype(np.float16)],
    ids=["0..1", "-1..1", "0..255", "0..65535", "overshoot", "half"],
)
def test_floats(values: np.ndarray):
    assert np.abs(to_levels(values, "x").astype(int) - GREY).max() <= 1


@pytest.mark.parametrize("kind", [np.uint8, np.bool_, np.int64, np.float32])
def test_masks_fill_the_range(kind: type):
    mask = np.array([[0, 1, 1, 0]]).astype(kind)
    np.testing.assert_array_equal(to_levels(mask, "x"), [[0, 255, 255, 0]])


@pytest.mark.parametrize("kind", [np.int8, np.int16])
def test_signed_types_have_their_middle_at_zero(kind: type):
    low, high = np.iinfo(kind).min, np.iinfo(kind).max
    np.testing.assert_array_equal(to_levels(np.array([[low, high]], kind), "x"), [[0, 255]])


@pytest.mark.parametrize(
    "values",
    [
        SHARE * 3,
        SHARE * 4 - 2,
        SHARE * 1e6,
        np.where(SHARE > 0.9, np.nan, SHARE),
        np.where(SHARE > 0.9, np.inf, SHARE),
        GREY.astype(np.int64) * 10**6,
        SHARE.astype(complex),
        np.array([["ink"]]),
    ],
    ids=["0..3", "-2..2", "0..1e6", "nan", "inf", "millions", "complex", "text"],
)
def test_what_is_open_is_refused_by_name(values: np.ndarray):
    with pytest.raises(NotAnImage, match=r"scan\.npy"):
        to_levels(values, "scan.npy")
