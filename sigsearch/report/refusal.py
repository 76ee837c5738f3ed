"""The sheet of an image that was refused: what was asked, why nothing was compared, and the image
as far as it can be shown."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sigsearch.documents.addresses import Address
from sigsearch.encoder import Encoder
from sigsearch.errors import ImageError
from sigsearch.imaging import ImageSource
from sigsearch.imaging.load import load_page
from sigsearch.report.case import About
from sigsearch.report.exhibit import Plate
from sigsearch.report.page import Picture, render
from sigsearch.report.pictures import Pixels, data_uri
from sigsearch.report.sheet_texts import Row, head_of

_WIDEST = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Refused:
    """title: which image was compared with whom; reason: the error's own words."""

    title: str
    reason: str
    about: About
    identity: tuple[Row, ...]
    image: Plate | None

    @classmethod
    def of(
        cls, source: ImageSource, name: str, whom: str, fault: ImageError, about: About,
        encoder: Encoder,
    ) -> Refused:  # fmt: skip
        identity = (("refused as", fault.code), ("model", encoder.card.id), *_hash(source))
        title = f"{name} and {whom}"
        return cls(title, str(fault), about, identity, _plate(source, name))


def refusal_page(refused: Refused) -> str:
    image = refused.image
    pictures = []
    if image is not None and image.pixels is not None:
        pictures.append(Picture(image.caption, data_uri(image.pixels)))
    return render(
        "refused.html",
        title=refused.title,
        reason=refused.reason,
        head=head_of(refused.about, dict(refused.identity)),
        pictures=pictures,
        identity=refused.identity,
    )


def refusal_pdf(refused: Refused) -> bytes:
    from sigsearch.report.evidence_pdf import TO_SIGN
    from sigsearch.report.pdf import ORANGE, Document

    page = Document(refused.title, refused.about.at)
    page.text("Signature comparison", size=15, bold=True)
    page.text(refused.title)
    page.box(
        "refused", [refused.reason, "Nothing was compared, and nothing is said of it."], ORANGE
    )
    page.facts(head_of(refused.about, dict(refused.identity)))
    if refused.image is not None:
        page.heading("The image", room=60)
        page.plates([refused.image], 1)
    page.heading("Identifiers")
    page.facts(refused.identity)
    page.lines_to_sign(TO_SIGN)
    return page.to_bytes()


def _hash(source: ImageSource) -> list[Row]:
    data = _bytes(source)
    return [] if data is None else [("questioned file, SHA-256", hashlib.sha256(data).hexdigest())]


def _bytes(source: ImageSource) -> bytes | None:
    if isinstance(source, (bytes, bytearray)):
        return bytes(source)
    if isinstance(source, (str, os.PathLike)):
        path = Path(Address.of(source).source)
        return path.read_bytes() if path.is_file() else None
    return None


def _plate(source: ImageSource, name: str) -> Plate | None:
    from PIL import Image

    try:
        grey = load_page(source).grey
    except ImageError:
        return None
    picture = Image.fromarray(grey)
    picture.thumbnail((_WIDEST, _WIDEST))
    shown: Pixels = np.asarray(picture)
    return Plate(f"the image as it is: {name}", shown)
