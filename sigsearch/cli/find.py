"""`sigsearch find`: where on a document did somebody sign?"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sigsearch.cli.options import JsonOption
from sigsearch.cli.output import ACCEPTED, NOT_ACCEPTED, line, progress, say, sink, table

if TYPE_CHECKING:
    from sigsearch.documents.finding import Leaf
    from sigsearch.documents.findings import FoundDocument, FoundPage


def find(
    document: Annotated[
        str,
        typer.Argument(help="A PDF, TIFF, photograph or scan; `contract.pdf#page=2` is one page."),
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Cut out each signature and write it to this folder."),
    ] = None,
    show: Annotated[
        Path | None,
        typer.Option(
            "--show",
            help="Draw the page with the boxes on it (.png). With several pages, one file each: "
            "page-1.png, page-2.png.",
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """List the signatures on DOCUMENT: page, box, confidence and kind, and how to ask for each.

    Pages are first turned upright, and a photographed sheet is cut out and flattened. Boxes are in
    pixels of the page that --show draws. The exit code is 0 if a signature was found, otherwise 1.

    \b
      sigsearch find contract.pdf
      sigsearch find letter.jpg -o crops/ --show letter-boxes.png
      sigsearch query "contract.pdf#page=2&signature=1"
    """
    from sigsearch.cli.files import PICTURE, must_be_folder, must_be_writable, must_not_be_read
    from sigsearch.documents.findings import looked_through

    page_asked = _page_of(document)
    if show is not None:
        must_be_writable(show, PICTURE)
        must_not_be_read(show, document)
    if out is not None:
        must_be_folder(out)
    found: list[FoundPage] = []
    with looked_through(document) as (about, pages):
        alone = about.pages == 1 or page_asked is not None
        if show is not None and not alone:
            for number in range(1, about.pages + 1):
                must_not_be_read(_numbered(show, number), document)
        for leaf, page in progress(pages, "looking", about.pages):
            found.append(page)
            if out is not None:
                _cut_out(leaf, page, out / Path(about.name).stem, document)
            if show is not None:
                _draw(leaf, show if alone else _numbered(show, page.page), document)
    answer = about.findings(found)
    sink.answer(answer, lambda: _tell(answer))
    if out is not None and not answer.signatures:
        say(f"note: there is nothing to cut out of {answer.document}; no file was written to {out}")
    raise typer.Exit(ACCEPTED if answer.has_signature else NOT_ACCEPTED)


def _page_of(document: str) -> int | None:
    """The page that is asked for. Raises AddressUnclear where a place on it is."""
    from sigsearch.documents.addresses import Address
    from sigsearch.errors import AddressUnclear

    address = Address.of(document)
    if address.chosen:
        raise AddressUnclear(
            f"{address.source}: `find` lists all signatures of a document or a page; "
            "ask it for no more than #page="
        )
    return address.page


def _tell(answer: FoundDocument) -> None:
    boxes = [(page.page, one) for page in answer.found for one in page.found]
    rows = [
        (page, _told(one.box.kind, one.sure), f"{one.box.confidence:.2f}",
         f"{one.box.x},{one.box.y},{one.box.width},{one.box.height}", _number_in(one.address))
        for page, one in boxes
    ]  # fmt: skip
    crops = [page for page in answer.found if page.seen == "crop"]
    if rows:
        table(("page", "what", "confidence", "box", "signature"), rows)
        _tell_addresses([one.address for _, one in boxes if one.address])
    elif crops and all(page.sure for page in crops):
        line(f"{answer.document}: a signature alone, not a page; it is compared as it is")
    elif crops:
        line(
            f"{answer.document}: this may be a signature alone, but that is not sure; look at it, "
            f"and to enrol it, add #signature=1 to the path"
        )
    else:
        pages = len(answer.found)
        line(f"{answer.document}: no signature was found (pages looked at: {pages})")
    if answer.signature_fields:
        say(f"note: {answer.signature_fields} digital signature(s); they are not compared")


def _told(kind: str, sure: bool) -> str:
    return kind if sure else f"{kind}?"


def _number_in(address: str | None) -> str:
    return address.rpartition("signature=")[2] if address else ""


def _tell_addresses(addresses: Sequence[str]) -> None:
    """Each whole on a line of its own, as a shell takes it: they are there to be copied."""
    if addresses:
        line()
        line("ask for one by its address:")
    for address in addresses:
        line(f"  {shlex.quote(address)}")


def _numbered(show: Path, page: int) -> Path:
    return show.with_name(f"{show.stem}-{page}{show.suffix}")


def _cut_out(leaf: Leaf, page: FoundPage, start: Path, document: str) -> None:
    """Each signature of `page` as a PNG whose path begins with `start`."""
    for number, one in enumerate((one for one in page.found if one.address), start=1):
        box, name = one.box, f"{start.name}-page{page.page}-signature{number}.png"
        part = leaf.page.grey[box.y : box.y + box.height, box.x : box.x + box.width]
        start.parent.mkdir(parents=True, exist_ok=True)
        _write(part, start.with_name(name), document)


def _draw(leaf: Leaf, show: Path, document: str) -> None:
    import numpy as np

    from sigsearch.documents.picture import with_boxes

    _write(np.asarray(with_boxes(leaf.page.grey, leaf.boxes, leaf.signed)), show, document)


def _write(pixels: object, path: Path, document: str) -> None:
    from PIL import Image

    from sigsearch.cli.files import must_not_be_read, whole_file

    must_not_be_read(path, document)
    with whole_file(path) as file:
        Image.fromarray(pixels).save(file, format="PNG")  # type: ignore[arg-type]
    say(f"wrote {path}")
