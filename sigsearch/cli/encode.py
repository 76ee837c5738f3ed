"""`sigsearch encode`: images to vectors, for your own pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sigsearch.cli.options import EncoderOption, JsonOption
from sigsearch.cli.output import ACCEPTED, FAILED, complain, counted, line, progress, sink


def encode(
    images: Annotated[list[str], typer.Argument(help="Signatures, or documents that contain one.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write (.npy).")],
    encoder: EncoderOption = None,
    json: JsonOption = False,
) -> None:
    """Write the global vectors of IMAGES to a .npy file: float32, shape (n, d), unit length.

    An image that cannot be read gets a row of NaN and a message on stderr. The exit code is
    then 2.

    \b
      sigsearch encode scans/*.png -o vectors.npy
      sigsearch encode "contract.pdf#signature=2" -o vector.npy
    """
    import numpy as np

    from sigsearch.cli.files import VECTORS, must_be_writable, whole_file
    from sigsearch.documents.intake import each_to_enrol
    from sigsearch.encoder import Encoder
    from sigsearch.errors import SigsearchError

    must_be_writable(out, VECTORS)
    opened = Encoder.load(encoder)
    rows, refused = np.full((len(images), opened.card.dimensions), np.nan, np.float32), []
    for at, found in enumerate(
        progress(opened.embed_each(images, read=each_to_enrol), "encoding", len(images))
    ):
        if isinstance(found, SigsearchError):
            refused.append({"image": images[at], "code": found.code, "message": str(found)})
            complain(f"refused: {found}")
        else:
            rows[at] = found.vectors[0]
    with whole_file(out) as file:
        np.save(file, rows)
    encoded = f"{len(images) - len(refused)} of {counted(len(images), 'image')}"
    sink.answer(
        {"vectors": str(out), "shape": list(rows.shape), "model": opened.card.id,
         "images": images, "refused": refused},
        lambda: line(f"{encoded} -> {out} {rows.shape}"),
    )  # fmt: skip
    raise typer.Exit(FAILED if refused else ACCEPTED)
