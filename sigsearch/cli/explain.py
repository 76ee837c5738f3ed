"""`sigsearch explain`: what the network sees."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sigsearch.cli.options import EncoderOption, JsonOption


def explain(
    image: Annotated[str, typer.Argument(help="A signature; - reads stdin.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The picture (.png).")],
    other: Annotated[
        str | None, typer.Argument(help="A second one: show where the two are alike.")
    ] = None,
    model: Annotated[
        Path | None, typer.Option("--model", "-m", help="Look into this classifier instead.")
    ] = None,
    encoder: EncoderOption = None,
    json: JsonOption = False,
) -> None:
    """Draw the feature maps of the network's layers for IMAGE, or, given two signatures, the
    regions that made them alike or different.

    Feature maps need onnx, which the extra `train` brings.

    \b
      sigsearch explain scan.png -o maps.png
      sigsearch explain scan.png --model model/ -o maps.png
      sigsearch explain a.png b.png -o regions.png
    """
    from sigsearch.cli.files import PICTURE, must_be_writable

    must_be_writable(out, PICTURE)
    if other is not None and model is not None:
        raise typer.BadParameter("a classifier cannot compare two signatures; leave out --model")
    if other is not None:
        _pair(image, other, encoder, out, json)
    else:
        _maps(image, model or encoder, out, json)


def _maps(image: str, model: Path | None, out: Path, json: bool) -> None:
    from sigsearch.cli.output import emit, line
    from sigsearch.explanation import draw_maps, feature_maps
    from sigsearch.imaging import read_signature

    signature = read_signature(image)
    name, maps = feature_maps(signature, model)
    draw_maps(signature, maps, out)
    if json:
        layers = [{"layer": m.layer, "shape": list(m.values.shape)} for m in maps]
        emit({"image": image, "model": name, "layers": layers, "picture": str(out)})
    else:
        line(f"{len(maps)} layers of {name} -> {out}")


def _pair(image: str, other: str, encoder: Path | None, out: Path, json: bool) -> None:
    from sigsearch.cli.output import emit, line
    from sigsearch.encoder import Encoder
    from sigsearch.engine.judge import Judge
    from sigsearch.explanation import compare_regions, draw_pair
    from sigsearch.imaging import read_signature

    opened = Encoder.load(encoder)
    a, b = read_signature(image), read_signature(other)
    regions = compare_regions(a, b, opened, Judge.of(opened))
    draw_pair(a, b, regions, out)
    if json:
        emit({"images": [image, other], **regions.to_dict(), "picture": str(out)})
        return
    line(f"pair score {regions.score:.2f} -> {out}")
    for name, places in (("alike", regions.alike), ("different", regions.different)):
        where = "; ".join(f"row {row + 1}, column {column + 1}" for row, column in places)
        line(f"most {name} at {where} of {regions.evidence[0].shape} places (row, column)")
