"""Any image in, a normalised signature out."""

from sigsearch.imaging.decoding import MAX_PIXELS
from sigsearch.imaging.load import ImageSource
from sigsearch.imaging.signature import (
    CANVAS_SHAPE,
    PREPROCESSING_VERSION,
    Signature,
    read_signature,
    read_signatures,
    signature_from_ink,
)

__all__ = [
    "CANVAS_SHAPE",
    "MAX_PIXELS",
    "PREPROCESSING_VERSION",
    "ImageSource",
    "Signature",
    "read_signature",
    "read_signatures",
    "signature_from_ink",
]
