"""`sigsearch find`: where on a document did somebody sign?"""

from __future__ import annotations

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
    from sigsearch.cli.files import PICTURE, must_be_writable
    from sigsearch.documents.findings import looked_through

    if show is not None:
        must_be_writable(show, PICTURE)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
    found: list[FoundPage] = []
    with looked_through(document) as (about, pages):
        for leaf, page in progress(pages, "looking", about.pages):
            found.append(page)
            if out is not None:
                _cut_out(leaf, page, out, Path(about.name).stem)
            if show is not None:
                _draw(leaf, show if about.pages == 1 else _numbered(show, page.page))
    answer = about.findings(found)
    sink.answer(answer, lambda: _tell(answer))
    raise typer.Exit(ACCEPTED if answer.has_signature else NOT_ACCEPTED)


def _tell(answer: FoundDocument) -> None:
    rows = [
        (page.page, _told(one.box.kind, one.sure), f"{one.box.confidence:.2f}",
         f"{one.box.x},{one.box.y},{one.box.width},{one.box.height}", one.address)
        for page in answer.found
        for one in page.found
    ]  # fmt: skip
    crops = [page for page in answer.found if page.seen == "crop"]
    if rows:
        table(("page", "what", "confidence", "box", "ask for it by"), rows)
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


def _numbered(show: Path, page: int) -> Path:
    return show.with_name(f"{show.stem}-{page}{show.suffix}")


def _cut_out(leaf: Leaf, page: FoundPage, out: Path, stem: str) -> None:
    """Each signature of `page` as a PNG."""
    for number, one in enumerate((one for one in page.found if one.address), start=1):
        box, name = one.box, f"{stem}-page{page.page}-signature{number}.png"
        part = leaf.page.grey[box.y : box.y + box.height, box.x : box.x + box.width]
        _write(part, out / name)


def _draw(leaf: Leaf, show: Path) -> None:
    import numpy as np

    from sigsearch.documents.picture import with_boxes

    _write(np.asarray(with_boxes(leaf.page.grey, leaf.boxes, leaf.signed)), show)


def _write(pixels: object, path: Path) -> None:
    from PIL import Image

    from sigsearch.cli.files import whole_file

    with whole_file(path) as file:
        Image.fromarray(pixels).save(file, format="PNG")  # type: ignore[arg-type]
    say(f"wrote {path}")
