"""Path -> Dataset: list the files, recognise the layout, label what it labels, report the rest."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath

from sigsearch.datasets.csv_rows import Find
from sigsearch.datasets.files import list_images, some_suffixes
from sigsearch.datasets.layouts import FILES, LAYOUTS, TREES, folders, manifest
from sigsearch.datasets.layouts.folders import WRITER_FOLDERS
from sigsearch.datasets.layouts.shape import FileLayout, Label, TreeLayout
from sigsearch.datasets.recognition import recognise
from sigsearch.datasets.samples import Dataset, LeftOut, Sample
from sigsearch.errors import DatasetError
from sigsearch.names import as_text, one_form, told_apart
from sigsearch.schema import Layout, WriterFolder

_BY_FOLDERS = "--layout folders takes each folder for a writer"
_MANIFEST = "manifest.csv"


def read_dataset(
    path: str | os.PathLike[str], layout: Layout = "auto", writer_folder: WriterFolder = "auto"
) -> Dataset:
    """Read a folder, manifest or archive as one dataset.

    Where each writer has a folder, `writer_folder` says which, if folders lie in folders.

    A BHSig260 root with both scripts becomes one dataset whose writers are `bengali-1`, `hindi-1`
    and so on; `read_datasets` keeps the two apart. Images are not decoded: see `drop_copies`.

    Raises DatasetError when there is nothing at `path`, or nothing in it that `layout` explains.
    """
    return _as_one(read_datasets(path, layout, writer_folder))


def read_listing(
    paths: Sequence[str], layout: Layout = "auto", writer_folder: WriterFolder = "auto"
) -> Dataset:
    """`read_dataset` of a folder that is not on this machine: of images by their paths below it.

    Raises DatasetError where there are none, or `layout` explains none.
    """
    _refuse_unknown(layout, writer_folder)
    if writer_folder != "auto":
        layout = _by_folders(layout)
    root = Path(os.sep)
    return _as_one(_labelled(root, [root / path for path in paths], [], layout, writer_folder))


def read_manifest(path: Path, find: Find) -> Dataset:
    """A CSV manifest whose images are found by `find`. Raises DatasetError."""
    listed = FILES["csv"]
    return _read_file(path, replace(listed, read=partial(manifest.read, find=find)))


def _as_one(parts: Sequence[Dataset]) -> Dataset:
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
    return Dataset(name, parts[0].layout, tuple(samples), parts[0].left_out, parts[0].notes)


def read_datasets(
    path: str | os.PathLike[str], layout: Layout = "auto", writer_folder: WriterFolder = "auto"
) -> tuple[Dataset, ...]:
    """Like `read_dataset`, but a tree that holds several sets (BHSig260) gives each by itself."""
    root = Path(path)
    _refuse_unknown(layout, writer_folder)
    if not os.path.exists(root):
        raise DatasetError(f"{as_text(root)}: no such file or folder")
    if writer_folder != "auto":
        layout = _by_folders(layout)
    manifest = _single_file(root, layout)
    if manifest is not None:
        found = _read_file(*manifest)
        return (found if root.is_file() or layout != "auto" else _noted(found, manifest[0]),)
    if not root.is_dir():
        raise DatasetError(
            f"{as_text(root)}: a dataset is a folder of images, a CSV manifest or an npz archive"
        )
    return _read_tree(root, layout, writer_folder)


def _refuse_unknown(layout: str, writer_folder: str) -> None:
    if layout != "auto" and layout not in LAYOUTS:
        raise DatasetError(f"unknown layout {layout!r}; known: auto, {', '.join(LAYOUTS)}")
    if writer_folder not in WRITER_FOLDERS:
        raise DatasetError(
            f"--writer-folder {writer_folder!r}: choose one of {', '.join(WRITER_FOLDERS)}"
        )


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
        raise DatasetError(
            f"{as_text(root)}: {len(found)} {layout} files here; name the one to read"
        )
    elif layout == "auto" and (root / _MANIFEST).is_file():
        return root / _MANIFEST, FILES["csv"]
    return None


def _read_file(path: Path, layout: FileLayout) -> Dataset:
    samples, left_out = layout.read(path)
    _refuse_two_forms((s.writer, f"{as_text(path)}, {s.id}") for s in samples)
    named = (replace(s, writer=one_form(s.writer), hand=one_form(s.hand)) for s in samples)
    # A folder with a manifest goes by the folder's name.
    name = path.resolve().parent.name if path.name == _MANIFEST else path.stem
    dataset = Dataset(name, layout.name, tuple(named), tuple(left_out))
    if not dataset.samples:
        why = f" ({dataset.left_out[0]})" if dataset.left_out else ""
        raise DatasetError(f"{as_text(path)}: no samples in it{why}")
    return dataset


def _noted(found: Dataset, manifest: Path) -> Dataset:
    note = f"read as {as_text(manifest)} lists them; {_BY_FOLDERS}"
    return replace(found, notes=(*found.notes, note))


def _read_tree(root: Path, name: str, writer_folder: WriterFolder) -> tuple[Dataset, ...]:
    images, left_out = list_images(root)
    return _labelled(root, images, left_out, name, writer_folder)


def _labelled(
    root: Path,
    images: Sequence[Path],
    left_out: list[LeftOut],
    name: str,
    writer_folder: WriterFolder,
) -> tuple[Dataset, ...]:
    if not images:
        why = f" ({left_out[0]})" if left_out else ""
        raise DatasetError(f"{as_text(root)}: no images in it (looked for {some_suffixes()}){why}")
    paths = [PurePosixPath(image.relative_to(root).as_posix()) for image in images]
    layout = recognise(paths) if name == "auto" else TREES[name]
    reading = folders.read(paths, writer_folder) if layout.name == "folders" else layout.read(paths)
    _refuse_two_forms(
        (label.writer, path.as_posix())
        for label, path in zip(reading.labels, paths, strict=True)
        if label
    )
    base = _base(paths)
    parts: dict[str, list[Sample]] = {}
    for image, path, label in zip(images, paths, reading.labels, strict=True):
        if label is None:
            left_out.append(LeftOut(image, _unexplained(layout)))
            continue
        title = label.part or layout.title or as_text((root / base).resolve().name)
        parts.setdefault(title, []).append(_sample(image, label, path.relative_to(base)))
    if not parts:
        raise DatasetError(f"{as_text(root)}: {len(images)} images, but {_none_labelled(layout)}")
    notes = reading.notes
    if name == "auto" and layout.name != "folders":
        notes += (f"read as {layout.title} names its files; {_BY_FOLDERS}",)
    return tuple(
        Dataset(title, layout.name, tuple(samples), tuple(left_out), notes)
        for title, samples in sorted(parts.items())
    )


def _by_folders(layout: Layout) -> Layout:
    if layout not in ("auto", "folders"):
        raise DatasetError(f"--writer-folder goes with --layout folders, not with {layout}")
    return "folders"


def _sample(image: Path, label: Label, below: PurePosixPath) -> Sample:
    return Sample(
        image,
        one_form(label.writer),
        label.kind,
        label.number,
        label.group,
        as_text(below),
        one_form(label.hand),
        label.text,
        label.script,
        metadata=(("folder", one_form(label.folder)),) if label.folder else (),
    )


def _refuse_two_forms(names: Iterable[tuple[str, str]]) -> None:
    """Raises DatasetError for names (with where they stand) that only look the same."""
    seen: dict[str, tuple[str, str]] = {}
    for name, place in names:
        first, where = seen.setdefault(one_form(name), (name, place))
        if first != name:
            raise DatasetError(
                f"two names look the same and are stored in two forms: {told_apart(first)} "
                f"({as_text(where)}) and {told_apart(name)} ({as_text(place)}); if this is one "
                "writer, give both the same name, if two, make the names differ"
            )


def _unexplained(layout: TreeLayout) -> str:
    if layout.name == "folders":
        return "not in a writer's folder"
    return f"not named as {layout.name} names its images"


def _none_labelled(layout: TreeLayout) -> str:
    if layout.name == "folders":
        return (
            "none in a folder that is called after its writer; make one for each, or enrol one "
            "writer's files with `sigsearch index add WRITER FILES`"
        )
    return f"none is named as the layout {layout.name!r} names them; try another --layout"


def _base(paths: list[PurePosixPath]) -> PurePosixPath:
    """The wrapper folders around all: those that hold one folder, and deeper ones below it."""
    base, depth = PurePosixPath(), 0
    while True:
        tops = {path.parts[depth] for path in paths}
        if len(tops) > 1 or any(len(path.parts) < depth + 3 for path in paths):
            return base
        base, depth = base / tops.pop(), depth + 1
