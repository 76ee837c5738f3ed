"""`sigsearch explain`: what the network sees."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sigsearch.cli.options import EncoderOption, JsonOption, Misused
from sigsearch.cli.output import counted, line, sink

if TYPE_CHECKING:
    from sigsearch.explanation import PairRegions


def explain(
    image: Annotated[str, typer.Argument(help="A signature; - reads standard input.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The picture to write (.png).")],
    other: Annotated[str | None, typer.Argument(help="A second signature to compare with.")] = None,
    model: Annotated[
        Path | None,
        typer.Option("--model", "-m", help="Show this classifier instead of the encoder."),
    ] = None,
    encoder: EncoderOption = None,
    json: JsonOption = False,
) -> None:
    """Draw what the network sees in IMAGE: the feature maps of its layers. With a second signature,
    draw where the two are alike and where they differ.

    Feature maps need the extra `train`.

    \b
      sigsearch explain scan.png -o maps.png
      sigsearch explain scan.png --model model/ -o maps.png
      sigsearch explain a.png b.png -o regions.png
    """
    from sigsearch.cli.files import PICTURE, must_be_writable

    must_be_writable(out, PICTURE)
    if other is not None and model is not None:
        raise Misused("a classifier cannot compare two signatures; leave out --model")
    if other is not None:
        _pair(image, other, encoder, out)
    else:
        _maps(image, model or encoder, out)


def _maps(image: str, model: Path | None, out: Path) -> None:
    from sigsearch.documents.intake import signature_to_enrol
    from sigsearch.explanation import draw_maps, feature_maps

    signature = signature_to_enrol(image)
    name, maps = feature_maps(signature, model)
    draw_maps(signature, maps, out)
    layers = [{"layer": m.layer, "shape": list(m.values.shape)} for m in maps]
    sink.answer(
        {"image": image, "model": name, "layers": layers, "picture": str(out)},
        lambda: line(f"{counted(len(maps), 'layer')} of {name} -> {out}"),
    )


def _pair(image: str, other: str, encoder: Path | None, out: Path) -> None:
    from sigsearch.documents.intake import signature_to_enrol
    from sigsearch.encoder import Encoder
    from sigsearch.engine.judge import Judge
    from sigsearch.explanation import compare_regions, draw_pair

    opened = Encoder.load(encoder)
    a, b = signature_to_enrol(image), signature_to_enrol(other)
    regions = compare_regions(a, b, opened, Judge.of(opened))
    draw_pair(a, b, regions, out)
    sink.answer(
        {"images": [image, other], **regions.to_dict(), "picture": str(out)},
        lambda: _show(regions, out),
    )


def _show(regions: PairRegions, out: Path) -> None:
    line(f"pair score {regions.score:.2f} -> {out}")
    rows, columns = regions.grid
    for name, places in (("alike", regions.alike), ("different", regions.different)):
        where = "; ".join(f"row {row + 1}, column {column + 1}" for row, column in places)
        line(f"most {name}: {where} (of {rows} rows and {columns} columns)")
