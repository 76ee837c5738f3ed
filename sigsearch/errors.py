"""One small exception tree. The edges (today: cli) map it to exit codes.

Every message says what was wrong, with which file, and what to do about it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


class SigsearchError(Exception):
    """Anything sigsearch refuses to do; `code` is stable and meant for programs."""

    code = "error"


class NotWritable(SigsearchError):
    """A file that was asked for cannot be written where it should go."""

    code = "not_writable"


class ImageError(SigsearchError):
    """An image cannot be read as a signature."""

    code = "image"


class ImageMissing(ImageError):
    code = "image_missing"


class NotAnImage(ImageError):
    code = "not_an_image"


class ImageTruncated(ImageError):
    code = "image_truncated"


class ImageTooLarge(ImageError):
    code = "image_too_large"


class ImageBlank(ImageError):
    code = "image_blank"


class NoInk(ImageError):
    code = "no_ink"


class InkTooSmall(ImageError):
    code = "ink_too_small"


class WholePage(ImageError):
    """A page or a form where the signature alone is asked for."""

    code = "whole_page"


class AllInk(ImageError):
    code = "all_ink"


class EncoderError(SigsearchError):
    """The model files are missing, altered or of another kind."""

    code = "encoder"


class ClassifierError(SigsearchError):
    """A classifier's folder is missing or of another kind, or cannot answer what is asked."""

    code = "classifier"


class IndexFault(SigsearchError):
    """An index cannot be used as asked."""

    code = "index"


class IndexMissing(IndexFault):
    code = "index_missing"

    @classmethod
    def at(cls, root: Path) -> IndexMissing:
        """Nothing was built there yet, or the path is wrong."""
        return cls(
            f"there is no index at {root}; `sigsearch index build FOLDER --index {root}` makes one"
        )


class IndexCorrupt(IndexFault):
    code = "index_corrupt"


class SnapshotDamaged(IndexCorrupt):
    """The search snapshot is not what was written; the store has everything it held."""


class IndexBusy(IndexFault):
    """Another process is writing to the index."""

    code = "index_busy"


class IndexReadOnly(IndexFault):
    """The index cannot be written to: opened for reading, or its folder is."""

    code = "index_read_only"


class IndexFull(IndexFault):
    """The disk (or quota) has no room; what was stored before is whole."""

    code = "index_full"


class ReferenceRefused(IndexFault):
    """A reference cannot be enrolled as given: its name, vector or hash is unfit."""

    code = "reference_refused"


class IndexLocked(IndexFault):
    """The index is encrypted, and the key is missing or another one."""

    code = "index_locked"


class VerifyOnly(IndexFault):
    """The index can verify a named writer; going through all writers is not possible."""

    code = "verify_only"


class ErasureRefused(IndexFault):
    """An erasure could not be complete, so nothing was erased."""

    code = "erasure_refused"


class ErasureIncomplete(IndexFault):
    """A writer is forgotten, but pieces are or may be left in the index; `receipt` is the erasure's
    receipt, marked incomplete."""

    code = "erasure_incomplete"

    def __init__(self, message: str, receipt: dict[str, Any]) -> None:
        super().__init__(message)
        self.receipt = receipt


class EncoderMismatch(IndexFault):
    """The index was made by another encoder than the one that asks."""

    code = "encoder_mismatch"


class WriterUnknown(IndexFault):
    code = "writer_unknown"


class DatasetError(SigsearchError):
    """A folder, manifest or protocol does not hold what is needed."""

    code = "dataset"


class CalibrationError(SigsearchError):
    """There is no calibration for this encoder, or too little data for what was asked."""

    code = "calibration"
