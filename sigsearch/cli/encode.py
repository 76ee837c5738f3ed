"""`sigsearch encode`: images to vectors, for pipelines of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sigsearch.cli.options import EncoderOption, JsonOption


def encode(
    images: Annotated[list[str], typer.Argument(help="Signatures to encode.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Where the vectors go (.npy).")],
    encoder: EncoderOption = None,
    json: JsonOption = False,
) -> None:
    """Write the global vectors of IMAGES, float32 (n, d), unit length, to a .npy file.

    An image that cannot be read gets a row of NaN and a line on stderr; exit code 2 then.

    \b
      sigsearch encode scans/*.png -o vectors.npy
    """
    import numpy as np

    from sigsearch.cli.files import VECTORS, must_be_writable, whole_file
    from sigsearch.cli.output import ACCEPTED, FAILED, emit, line, progress, say
    from sigsearch.encoder import Encoder
    from sigsearch.errors import SigsearchError

    must_be_writable(out, VECTORS)
    opened = Encoder.load(encoder)
    rows, refused = np.full((len(images), opened.card.dimensions), np.nan, np.float32), []
    for at, found in enumerate(progress(opened.embed_each(images), "encoding", len(images))):
        if isinstance(found, SigsearchError):
            refused.append({"image": images[at], "code": found.code, "message": str(found)})
            say(f"refused: {found}")
        else:
            rows[at] = found.vectors[0]
    with whole_file(out) as file:
        np.save(file, rows)
    if json:
        emit({"vectors": str(out), "shape": list(rows.shape), "model": opened.card.id,
              "images": images, "refused": refused})  # fmt: skip
    else:
        line(f"{len(images) - len(refused)} of {len(images)} images -> {out} {rows.shape}")
    raise typer.Exit(FAILED if refused else ACCEPTED)
