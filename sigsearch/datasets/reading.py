"""Path -> Dataset: list the files, recognise the layout, label what it labels, report the rest."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path, PurePosixPath

from sigsearch.datasets.layouts import FILES, LAYOUTS, TREES
from sigsearch.datasets.layouts.shape import FileLayout, TreeLayout
from sigsearch.datasets.samples import Dataset, LeftOut, Sample
from sigsearch.errors import DatasetError

IMAGE_SUFFIXES = frozenset(
    (
        *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".tif", ".tiff", ".bmp", ".dib", ".gif"),
        *(".webp", ".pbm", ".pgm", ".ppm", ".pnm", ".jp2", ".j2k", ".avif", ".tga", ".pcx"),
    )
)
_MANIFEST = "manifest.csv"
_ENOUGH = 0.5  # the share of the images that a known layout must explain


def read_dataset(path: str | os.PathLike[str], layout: str = "auto") -> Dataset:
    """Read a folder, manifest or archive as one dataset.

    A BHSig260 root with both scripts becomes one dataset whose writers are `bengali-1`, `hindi-1`
    and so on; `read_datasets` keeps the two apart. Images are not decoded: see `drop_copies`.

    Raises DatasetError when there is nothing at `path`, or nothing in it that `layout` explains.
    """
    parts = read_datasets(path, layout)
    if len(parts) == 1:
        return parts[0]
    samples = []
    for part in parts:
        prefix = part.name.rsplit("-", 1)[-1]
        samples += [
            replace(s, writer=f"{prefix}-{s.writer}", hand=f"{prefix}-{s.hand}")
            for s in part.samples
        ]
    name = TREES[parts[0].layout].title
    return Dataset(name, parts[0].layout, tuple(samples), parts[0].left_out)


def read_datasets(path: str | os.PathLike[str], layout: str = "auto") -> tuple[Dataset, ...]:
    """Like `read_dataset`, but a tree that holds several sets (BHSig260) gives each by itself."""
    root = Path(path)
    if layout != "auto" and layout not in LAYOUTS:
        raise DatasetError(f"unknown layout {layout!r}; known: auto, {', '.join(LAYOUTS)}")
    if not root.exists():
        raise DatasetError(f"{root}: no such file or folder")
    manifest = _single_file(root, layout)
    if manifest is not None:
        return (_read_file(*manifest),)
    if not root.is_dir():
        raise DatasetError(
            f"{root}: a dataset is a folder of images, a CSV manifest or an npz archive"
        )
    return _read_tree(root, layout)


def _single_file(root: Path, layout: str) -> tuple[Path, FileLayout] | None:
    if root.is_file():
        for known in FILES.values():
            if layout == known.name:
                return root, known
            if layout == "auto" and root.suffix.lower() in known.suffixes and known.recognise(root):
                return root, known
    elif layout in FILES:
        found = [p for p in sorted(root.iterdir()) if p.suffix.lower() in FILES[layout].suffixes]
        if len(found) == 1:
            return found[0], FILES[layout]
        raise DatasetError(f"{root}: {len(found)} {layout} files here; name the one to read")
    elif layout == "auto" and (root / _MANIFEST).is_file():
        return root / _MANIFEST, FILES["csv"]
    return None


def _read_file(path: Path, layout: FileLayout) -> Dataset:
    samples, left_out = layout.read(path)
    # A folder with a manifest goes by the folder's name.
    name = path.resolve().parent.name if path.name == _MANIFEST else path.stem
    dataset = Dataset(name, layout.name, tuple(samples), tuple(left_out))
    if not dataset.samples:
        why = f" ({dataset.left_out[0].reason})" if dataset.left_out else ""
        raise DatasetError(f"{path}: no samples in it{why}")
    return dataset


def _read_tree(root: Path, name: str) -> tuple[Dataset, ...]:
    images, left_out = _list_images(root)
    if not images:
        raise DatasetError(f"{root}: no images in it (looked for {_some_suffixes()})")
    base = _base(root, images)
    relative = {image: PurePosixPath(image.relative_to(base).as_posix()) for image in images}
    layout = TREES[name] if name != "auto" else _recognise(list(relative.values()))
    parts: dict[str, list[Sample]] = {}
    for image, below in relative.items():
        label = layout.parse(below)
        if label is None:
            left_out.append(LeftOut(image, _unexplained(layout)))
            continue
        title = label.part or layout.title or base.resolve().name
        parts.setdefault(title, []).append(
            Sample(
                image,
                label.writer,
                label.kind,
                label.number,
                label.group,
                str(below),
                label.hand,
                label.text,
                label.script,
            )
        )
    if not parts:
        raise DatasetError(
            f"{root}: {len(images)} images, but none is named as the layout "
            f"{layout.name!r} names them; try another --layout"
        )
    return tuple(
        Dataset(title, layout.name, tuple(samples), tuple(left_out))
        for title, samples in sorted(parts.items())
    )


def _unexplained(layout: TreeLayout) -> str:
    if layout.name == "folders":
        return "not in a writer's folder"
    return f"not named as {layout.name} names its images"


def _recognise(paths: list[PurePosixPath]) -> TreeLayout:
    for layout in TREES.values():
        if layout.share(paths) >= _ENOUGH:
            return layout
    return TREES["folders"]


def _base(root: Path, images: list[Path]) -> Path:
    """Go down through wrapper folders: those that hold one folder, and deeper ones below it."""
    while True:
        tops = {image.relative_to(root).parts[0] for image in images}
        if len(tops) > 1 or any(len(i.relative_to(root).parts) < 3 for i in images):
            return root
        root = root / tops.pop()


def _list_images(root: Path) -> tuple[list[Path], list[LeftOut]]:
    images, left_out = [], []
    for folder, folders, files in os.walk(root, followlinks=True):
        folders[:] = sorted(f for f in folders if not f.startswith((".", "__")))
        for name in sorted(files):
            path = Path(folder, name)
            if name.startswith(".") or name.lower() in ("thumbs.db", "desktop.ini"):
                continue
            if path.suffix.lower() not in IMAGE_SUFFIXES:
                left_out.append(LeftOut(path, "not an image"))
            elif not path.is_file():
                left_out.append(LeftOut(path, "a broken link"))
            elif path.stat().st_size == 0:
                left_out.append(LeftOut(path, "an empty file"))
            else:
                images.append(path)
    return images, left_out


def _some_suffixes() -> str:
    return ", ".join(sorted(IMAGE_SUFFIXES)[:6]) + " and others"
