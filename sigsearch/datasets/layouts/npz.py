"""The archive that research code exchanges: `x` images, `y` writers, `yforg` 0 genuine 1 forged.

`x` is uint8 (n, height, width) or (n, 1, height, width).
"""

from __future__ import annotations

from pathlib import Path

from sigsearch.datasets.layouts.shape import FileLayout
from sigsearch.datasets.samples import Dataset, LeftOut, Sample
from sigsearch.errors import DatasetError


def read(path: Path) -> tuple[list[Sample], list[LeftOut]]:
    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as archive:
            missing = [key for key in ("x", "y", "yforg") if key not in archive]
            if missing:
                raise DatasetError(
                    f"{path}: no array {', '.join(missing)}; "
                    f"x, y and yforg are needed, this archive has {', '.join(archive) or 'none'}"
                )
            shape, writers, forged = archive["x"].shape, archive["y"], archive["yforg"]
    except (OSError, ValueError, EOFError) as error:
        raise DatasetError(f"{path}: not a readable npz archive ({error})") from error
    if len(shape) not in (3, 4) or not len(writers) == len(forged) == shape[0]:
        raise DatasetError(
            f"{path}: x is {shape}, y {writers.shape}, yforg {forged.shape}; "
            "x must be (n, height, width) or (n, 1, height, width), y and yforg (n,)"
        )
    samples = [
        Sample(
            path,
            str(writer),
            "forgery" if fake else "genuine",
            number=row,
            id=f"{path.name}[{row}]",
            entry=row,
        )
        for row, (writer, fake) in enumerate(zip(writers.tolist(), forged.tolist(), strict=True))
    ]
    return samples, []


def write(dataset: Dataset, path: Path, size: tuple[int, int] = (170, 242)) -> None:
    """Write a dataset as `x` (n, 1, height, width), `y`, `yforg`, `writers`, `files`.

    Images are fitted to `size` (height, width) with their aspect kept, on white; `y` numbers the
    names in `writers`. The default size is the one that SigNet's authors trained on.
    """
    import numpy as np
    from PIL import Image

    from sigsearch.imaging.load import load_page

    height, width = size
    x = np.full((len(dataset), 1, height, width), 255, np.uint8)
    names = list(dataset.writers)
    for row, sample in enumerate(dataset.samples):
        grey = Image.fromarray(load_page(sample.source).grey)
        scale = min(height / grey.height, width / grey.width)
        fitted = grey.resize((max(1, int(grey.width * scale)), max(1, int(grey.height * scale))))
        top, left = (height - fitted.height) // 2, (width - fitted.width) // 2
        x[row, 0, top : top + fitted.height, left : left + fitted.width] = np.asarray(fitted)
    np.savez_compressed(
        path,
        x=x,
        y=np.array([names.index(s.writer) for s in dataset.samples]),
        yforg=np.array([int(not s.genuine) for s in dataset.samples]),
        writers=np.array(names),
        files=np.array([s.id for s in dataset.samples]),
    )


LAYOUT = FileLayout("npz", __doc__, (".npz",), read)
