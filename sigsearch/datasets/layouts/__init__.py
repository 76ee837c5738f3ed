"""The layouts, in the order in which they are tried. Adding one is adding a file to this folder."""

from sigsearch.datasets.layouts import (
    bhsig,
    cedar,
    crossmedia,
    folders,
    gpds,
    manifest,
    mcyt,
    npz,
    pen_data,
    sigcomp,
    svc2004,
)
from sigsearch.datasets.layouts.shape import FileLayout, TreeLayout

TREES: dict[str, TreeLayout] = {
    layout.name: layout
    for layout in (
        cedar.LAYOUT,
        bhsig.LAYOUT,
        svc2004.LAYOUT,
        gpds.LAYOUT,
        mcyt.LAYOUT,
        sigcomp.LAYOUT,
        crossmedia.LAYOUT,
        folders.LAYOUT,
    )
}
FILES: dict[str, FileLayout] = {
    layout.name: layout for layout in (manifest.LAYOUT, pen_data.LAYOUT, npz.LAYOUT)
}
LAYOUTS: tuple[str, ...] = (*TREES, *FILES)
