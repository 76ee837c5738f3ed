"""An index and its records, in a folder or in a database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigsearch.errors.base import SigsearchError

if TYPE_CHECKING:
    from pathlib import Path


class IndexFault(SigsearchError):
    """The index cannot be used in this way."""

    code = "index"


class IndexMissing(IndexFault):
    """There is no index at this path. Build one, or correct the path."""

    code = "index_missing"

    @classmethod
    def at(cls, root: Path) -> IndexMissing:
        """Nothing was built there yet, or the path is wrong."""
        return cls(
            f"there is no index at {root}; `sigsearch index build FOLDER --index {root}` makes one"
        )


class IndexCorrupt(IndexFault):
    """A file of the index is damaged. `sigsearch index repair` saves every sound record."""

    code = "index_corrupt"


class SnapshotDamaged(IndexCorrupt):
    """The search snapshot is not what was written; the store has everything it held."""


class IndexBusy(IndexFault):
    """Another process is writing to the index or opening it. Try again later."""

    code = "index_busy"


class IndexClosed(IndexFault):
    """The index was closed; it can be opened again."""

    code = "index_closed"


class IndexReplaced(IndexFault):
    """Another index has taken the place of the open one. Open it again."""

    code = "index_replaced"


class IndexReadOnly(IndexFault):
    """The index was opened for reading, or its folder cannot be written to."""

    code = "index_read_only"


class IndexFull(IndexFault):
    """The disk or quota is full. What was stored before is complete."""

    code = "index_full"


class IndexUnreachable(IndexFault):
    """The database that holds the index does not answer, or was lost. Nothing was changed."""

    code = "index_unreachable"


class ChangeUncertain(IndexFault):
    """The database was lost while a change was being stored. Check whether it was stored, or
    repeat it."""

    code = "change_uncertain"


class IndexNewer(IndexFault):
    """The index was made by a later release of sigsearch. Use that one."""

    code = "index_newer"


class ReferenceRefused(IndexFault):
    """A reference cannot be enrolled: its name, vector or hash is not usable."""

    code = "reference_refused"


class ReferenceUnknown(IndexFault):
    """The writer has no such reference, or several of that name."""

    code = "reference_unknown"


class IndexLocked(IndexFault):
    """The index is encrypted, and the key is missing or wrong."""

    code = "index_locked"


class VerifyOnly(IndexFault):
    """The index can only verify a writer by name. Nobody can list or search its writers."""

    code = "verify_only"


class ErasureRefused(IndexFault):
    """The erasure could not have been complete, so nothing was erased."""

    code = "erasure_refused"


class ErasureIncomplete(IndexFault):
    """A writer is forgotten, but parts of the records may be left in the index. `receipt` is the
    erasure's receipt, marked incomplete."""

    code = "erasure_incomplete"

    def __init__(self, message: str, receipt: dict[str, Any]) -> None:
        super().__init__(message)
        self.receipt = receipt


class EncoderMismatch(IndexFault):
    """The index was made with another encoder."""

    code = "encoder_mismatch"


class WriterUnknown(IndexFault):
    """No writer of this name is enrolled."""

    code = "writer_unknown"

    @classmethod
    def of(cls, name: str) -> WriterUnknown:
        return cls(f"no writer {name!r} is enrolled; `sigsearch index list` shows who is")


class WriterNamed(IndexFault):
    """A writer cannot be forgotten while the rules of an account name them."""

    code = "writer_named"


class AccountUnknown(IndexFault):
    """There is no account of this name in the index."""

    code = "account_unknown"
