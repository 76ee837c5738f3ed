"""One small exception tree. The edges map it to exit codes (cli) and status codes (server).

Every message says what was wrong, with which file, and what to do about it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


class SigsearchError(Exception):
    """Anything sigsearch refuses to do; `code` is stable and meant for programs."""

    code = "error"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled by what it is and says, whatever its own constructor takes."""
        return _revived, (type(self), self.args), self.__dict__


def _revived(kind: type[SigsearchError], args: tuple[Any, ...]) -> SigsearchError:
    return kind.__new__(kind, *args)


class ArgumentRefused(SigsearchError, ValueError):
    """A function was given a value that means nothing, such as zero candidates."""

    code = "argument"


class NotPicklable(SigsearchError, TypeError):
    """What holds files open stays in its process; another one opens it again."""

    code = "not_picklable"

    @classmethod
    def told(cls, what: str, again: str) -> NotPicklable:
        return cls(f"{what} cannot be pickled or copied; where it is needed, open it: {again}")


class ExtraMissing(SigsearchError):
    """A package is missing that only an extra of sigsearch brings."""

    code = "extra_missing"


class NotWritable(SigsearchError):
    """A file cannot be written where you asked for it. Choose another place."""

    code = "not_writable"


class ImageError(SigsearchError):
    """An image cannot be read as a signature."""

    code = "image"


class ImageMissing(ImageError):
    """There is no such image file."""

    code = "image_missing"


class NotAnImage(ImageError):
    """The file is not an image, or not of a known format."""

    code = "not_an_image"


class ImageTruncated(ImageError):
    """The image file ends too early. Scan or copy it again."""

    code = "image_truncated"


class ImageTooLarge(ImageError):
    """The image has more pixels than are read. Crop it or scan at a lower resolution."""

    code = "image_too_large"


class ImageBlank(ImageError):
    """The page is blank. Check that the right page was scanned."""

    code = "image_blank"


class NoInk(ImageError):
    """No signature was found: no ink, or print only."""

    code = "no_ink"


class InkTooSmall(ImageError):
    """The signature has too few pixels. Scan at a higher resolution."""

    code = "ink_too_small"


class WholePage(ImageError):
    """A page or a form where the signature alone is asked for."""

    code = "whole_page"


class DocumentLocked(ImageError):
    """The document is protected by a password. Save it without one."""

    code = "document_locked"


class DocumentDamaged(ImageError):
    """The document is damaged or cut short. Save or send it again."""

    code = "document_damaged"


class NoSignature(ImageError):
    """No signature was found on the pages of a document."""

    code = "no_signature"


class SeveralSignatures(ImageError):
    """A document holds several signatures where one is asked for. Choose one."""

    code = "several_signatures"


class AllInk(ImageError):
    """Nearly everything is dark, so that ink and paper cannot be told apart."""

    code = "all_ink"


class ReaderLost(ImageError):
    """The process that read an image was killed, twice. The image may need too much memory."""

    code = "reader_lost"


class EncoderError(SigsearchError):
    """The model's files are missing, altered or of another kind."""

    code = "encoder"


class ClassifierError(SigsearchError):
    """A classifier's folder is missing or of another kind, or it cannot answer this question."""

    code = "classifier"


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
    """Another process is writing to the index. Try again later."""

    code = "index_busy"


class IndexClosed(IndexFault):
    """The index was closed; it can be opened again."""

    code = "index_closed"


class IndexReplaced(IndexFault):
    """Another index lies where the one was that is open. Open it again."""

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
    """The database was lost while a change was being stored. Look whether it is there, or repeat
    it."""

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


class DatasetError(SigsearchError):
    """A folder, manifest or protocol does not hold what is needed."""

    code = "dataset"


class StorageFault(SigsearchError):
    """A folder or object storage cannot be read or written, or holds other work. Nothing that was
    finished before is lost."""

    code = "storage"


class ClusterUnfit(SigsearchError):
    """A Ray cluster cannot do the work: none can be reached, it has no free CPU, or a node does not
    see the files."""

    code = "cluster"


class CalibrationError(SigsearchError):
    """There is no calibration for this encoder, or too little data for the rates you asked for."""

    code = "calibration"


class ServiceFault(SigsearchError):
    """The service refuses a request."""

    code = "service"


class NotSignedIn(ServiceFault):
    """No key was given, or one that is not known or was revoked."""

    code = "not_signed_in"


class ProviderFault(ServiceFault):
    """The provider that vouches for people (OpenID Connect) does not answer as it should."""

    code = "provider"


class NotAllowed(ServiceFault):
    """The key is known, but not for this."""

    code = "not_allowed"


class RequestRefused(ServiceFault):
    """The request is not what this address takes: its form, its type or a part of it."""

    code = "request"


class BodyTooLarge(ServiceFault):
    """The request has more bytes than the service takes. Send fewer files at once."""

    code = "body_too_large"


class BodyTooSlow(ServiceFault):
    """The request took too long to arrive."""

    code = "body_too_slow"


class MediaRefused(ServiceFault):
    """The request's content is of a type, or packed in a way, that is not taken."""

    code = "media_refused"


class TooManyRequests(ServiceFault):
    """This key asks more often than it may. Wait as long as Retry-After says."""

    code = "too_many_requests"


class ServiceBusy(ServiceFault):
    """Too many requests wait already. Try again after Retry-After."""

    code = "service_busy"


class TenantUnknown(ServiceFault):
    """There is no tenant of this name."""

    code = "tenant_unknown"


class KeyUnknown(ServiceFault):
    """There is no key of this id."""

    code = "key_unknown"


class EvidenceUnknown(ServiceFault):
    """There is no evidence of this id."""

    code = "evidence_unknown"


class EvidenceGone(ServiceFault):
    """The evidence was erased with its writer, or is past its time."""

    code = "evidence_gone"


class EvidenceChanged(ServiceFault):
    """A sheet cannot be drawn any more: no image was kept, or the references have changed. The
    answer itself is there as JSON."""

    code = "evidence_changed"


class JobUnknown(ServiceFault):
    """There is no job of this id."""

    code = "job_unknown"


class JobAtWork(ServiceFault):
    """The job is at work. It stops at its next step; ask again."""

    code = "job_at_work"


class CaseRefused(ServiceFault):
    """The case cannot be judged: decided already, held by somebody else, or judged by you."""

    code = "case_refused"


class FormRefused(ServiceFault):
    """A form of the desk was not sent from the desk, or is too old. Load the page again."""

    code = "form_refused"


class RepeatedDifferently(ServiceFault):
    """An Idempotency-Key was used before, with other content."""

    code = "repeated_differently"


class StillAtWork(ServiceFault):
    """The same request was sent before and is not answered yet."""

    code = "still_at_work"


class StateFault(SigsearchError):
    """The database in which the service keeps its keys and evidence cannot be used."""

    code = "service_state"


class NotServed(SigsearchError):
    """The service cannot listen at this address: it is taken, or not this machine's."""

    code = "not_served"
