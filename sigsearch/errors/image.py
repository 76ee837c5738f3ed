"""An image or a document that does not give a signature."""

from __future__ import annotations

from sigsearch.errors.base import SigsearchError


class ImageError(SigsearchError):
    """An image cannot be read as a signature."""

    code = "image"


class ImageMissing(ImageError):
    """The image file does not exist."""

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
    """A page or a form, where only the signature is wanted."""

    code = "whole_page"


class DocumentLocked(ImageError):
    """The document is protected by a password. Save it without one."""

    code = "document_locked"


class DocumentDamaged(ImageError):
    """The document is damaged or cut short. Save or send it again."""

    code = "document_damaged"


class NoSuchPage(ImageError):
    """The document has no page of that number."""

    code = "no_such_page"


class AddressUnclear(ImageError):
    """The end of a path asks for what no document can have, or for two things at once. Write it as
    `#page=2&signature=1` or `#page=2&box=x,y,width,height`."""

    code = "address_unclear"


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
