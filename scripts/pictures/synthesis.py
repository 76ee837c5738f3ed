"""Draw the contact sheets of docs/synthesis.md.

    python scripts/pictures/synthesis.py --out docs/synthesis

Everything on them is invented. Needs matplotlib for the picture of the movement.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from sigsearch.synthesis import SCRIPTS, STYLES, Specimen, Writer, capture, duplicate, forge
from sigsearch.synthesis.pens import PEN_KINDS

FIRST = 2_000  # writers are taken as they come from here on, none is picked
Cell = NDArray[np.uint8]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("docs/synthesis"))
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    writers = [Writer.from_seed(FIRST + i) for i in range(14)]
    sheet(
        [[w.specimen(k).page for k in (0, 1, 2, 6, 11, 16)] for w in writers], out / "writers.png"
    )
    scripts = [
        [Writer.from_seed(FIRST + 100 * r + 7 * row + i, s).specimen(0).page for i in range(7)]
        for r, s in enumerate(SCRIPTS)
        for row in range(2)
    ]
    names = [name for s in SCRIPTS for name in (s, "")]
    sheet(scripts, out / "scripts.png", rows=names, cell=(190, 84))
    forgeries = [forgery_row(Writer.from_seed(FIRST + 50 + i)) for i in range(12)]
    heads: tuple[str, ...] = ("genuine",) * 3
    heads = (*heads, "name only", "seen, forger A", "seen, forger A")
    sheet(
        forgeries,
        out / "forgeries.png",
        columns=(*heads, "seen, forger B", "traced"),
        cell=(186, 84),
    )
    shots = [
        [
            shot
            for s in STYLES
            for shot in (capture(w.specimen(0), s, seed).image for seed in (1, 2))
        ]
        for w in (Writer.from_seed(FIRST + 80 + i) for i in range(9))
    ]
    heads = tuple(name for s in STYLES for name in (s, s))
    picked = [row[1:] for row in shots]  # clean looks the same twice
    sheet(picked, out / "styles.png", columns=heads[1:], cell=(210, 110))
    sheet(pen_rows(), out / "pens.png", columns=PEN_KINDS, cell=(330, 150))
    models = [Writer.from_seed(FIRST + 120 + i).specimen(0) for i in range(5)]
    copies = [[m.page, *(255 - duplicate(m.mask, k) for k in range(4))] for m in models]
    heads = ("model", "duplicate 1", "duplicate 2", "duplicate 3", "duplicate 4")
    sheet(copies, out / "duplicates.png", columns=heads)
    draw_movement(Writer.from_seed(FIRST + 3, "latin"), out / "movement.png")


def forgery_row(writer: Writer) -> list[Cell]:
    tries = [("name", 0, 1), ("seen", 0, 1), ("seen", 3, 1), ("seen", 0, 2), ("traced", 0, 3)]
    forged = [forge(writer, k, 40 * writer.seed + who, level) for level, k, who in tries]
    return [s.page for s in (*map(writer.specimen, (0, 3, 8)), *forged)]


def pen_rows() -> list[list[Cell]]:
    """The same signatures with each kind of pen, as their writers happened to pick it up."""
    rows = []
    for seed in (FIRST + 141, FIRST + 146, FIRST + 149):
        writer, found = Writer.from_seed(seed), dict[str, Specimen]()
        for number in range(200):
            specimen = writer.specimen(number)
            found.setdefault(specimen.pen, specimen)
        rows.append([found[kind].page for kind in PEN_KINDS])
    return rows


def sheet(
    grid: Sequence[Sequence[Cell]],
    out: Path,
    *,
    columns: Sequence[str] = (),
    rows: Sequence[str] = (),
    cell: tuple[int, int] = (220, 96),
) -> None:
    """Pictures in rows, each fitted into its cell; headings above and to the left."""
    width, height = cell
    left, top = (84 if rows else 0), (20 if columns else 0)
    size = (left + width * max(map(len, grid)), top + height * len(grid))
    colour = any(picture.ndim == 3 for row in grid for picture in row)
    page = Image.new("RGB" if colour else "L", size, "white")
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(13)
    for i, name in enumerate(columns):
        draw.text((left + width * (i + 0.5), 10), name, "black", font, anchor="mm")
    for i, name in enumerate(rows):
        draw.text((4, top + height * (i + 0.5)), name, "black", font, anchor="lm")
    for r, row in enumerate(grid):
        for c, pixels in enumerate(row):
            picture = Image.fromarray(pixels)
            picture.thumbnail((width - 14, height - 14), Image.Resampling.BOX)
            at = left + c * width + (width - picture.width) // 2
            page.paste(picture, (at, top + r * height + (height - picture.height) // 2))
    page.quantize(160 if colour else 16).save(out, optimize=True)
    print(f"drawn: {out}")


def draw_movement(writer: Writer, out: Path) -> None:
    """The path coloured by speed and the speed over time: genuine, and traced by another hand."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(2, 2, figsize=(11, 4.6), width_ratios=(1.2, 1))
    pair = (writer.specimen(0), forge(writer, 0, 4, "traced"))
    for (path, curve), specimen, name in zip(axes, pair, ("genuine", "traced"), strict=True):
        x, y, time, pressure = specimen.trajectory.T
        mm = 25.4 / specimen.dpi
        speed = np.hypot(np.gradient(x), np.gradient(y)) / np.gradient(time) * mm
        down = pressure > 0
        path.scatter(
            x[down], y[down], c=speed[down], s=14 * pressure[down], cmap="viridis", vmax=150
        )
        path.invert_yaxis()
        path.set_aspect("equal")
        path.axis("off")
        path.set_title(f"{name}: bright is fast", fontsize=10)
        curve.plot(time, np.where(down, speed, np.nan), lw=0.8)
        curve.plot(time, np.where(down, pressure * 100, np.nan), lw=0.8)
        curve.set_xlim(0, None)
        curve.legend(["speed, mm/s", "pressure, %"], fontsize=8, loc="upper right")
    axes[1][1].set_xlabel("seconds")
    figure.tight_layout()
    figure.savefig(out, dpi=75)
    print(f"drawn: {out}")


if __name__ == "__main__":
    main()
