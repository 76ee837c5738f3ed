"""`sigsearch clean`: the ink that is compared."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sigsearch.cli.options import JsonOption, SignatureOption
from sigsearch.cli.output import line, say, sink


def clean(
    image: Annotated[
        str, typer.Argument(help="A signature or a document; - reads standard input.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write (.png).")],
    signature: SignatureOption = None,
    json: JsonOption = False,
) -> None:
    """Write the ink of a signature as it is compared: without paper, print, lines or stamps.

    \b
      sigsearch clean scan.png -o ink.png
      sigsearch clean contract.pdf --signature 2 -o ink.png
    """
    import numpy as np
    from PIL import Image

    from sigsearch.cli.files import PICTURE, must_be_writable, must_not_be_read, whole_file
    from sigsearch.documents.intake import chosen_from
    from sigsearch.matching.reasons import reasons_for

    must_be_writable(out, PICTURE)
    must_not_be_read(out, image)
    found = chosen_from(image, signature)
    with whole_file(out) as file:
        Image.fromarray(np.where(found.ink, 0, 255).astype(np.uint8)).save(file, format="PNG")
    height, width = found.ink.shape
    sink.answer(
        {"image": found.name, "ink": str(out), "width": width, "height": height,
         "page": found.page, "box": found.region, "warnings": list(found.warnings)},
        lambda: line(f"{found.name} -> {out} ({width} x {height} pixels)"),
    )  # fmt: skip
    for reason in reasons_for(found.warnings):
        say(f"{found.name}: {reason.text} ({reason.code})")
