"""What lies at IN: a folder, a manifest, a document or Parquet files, here or in object storage."""

from __future__ import annotations

import os
import posixpath
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sigsearch.bulk.items import Item
from sigsearch.bulk.places import file_system, is_url
from sigsearch.bulk.tables import groups_of
from sigsearch.bulk.units import Unit
from sigsearch.datasets import Dataset, LeftOut, Sample, read_dataset
from sigsearch.datasets.csv_rows import find_image, rows
from sigsearch.datasets.files import IMAGE_SUFFIXES, list_images
from sigsearch.datasets.reading import read_listing, read_manifest
from sigsearch.documents.addresses import Address
from sigsearch.errors import DatasetError, StorageFault
from sigsearch.names import as_text
from sigsearch.schema import Layout, WriterFolder

_TABLE, _ARCHIVE, _PARQUET = (".csv", ".tsv"), ".npz", ".parquet"


@dataclass(frozen=True, slots=True)
class Inputs:
    """units: in the order of `index build`; forgeries: how many were left out; left_out: what is no
    input; notes: on how names were read."""

    units: tuple[Unit, ...]
    forgeries: int = 0
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """How IN is to be read; writers: whether anybody is to be told whose signatures they are."""

    layout: Layout = "auto"
    writer_folder: WriterFolder = "auto"
    writers: bool = True


def read_inputs(place: str, asked: Asked) -> Inputs:
    """Raises DatasetError where there is nothing, or it cannot be told whose signatures these are;
    StorageFault."""
    if is_url(place):
        return _Remote.at(place).inputs(asked)
    root = Path(place)
    if root.is_dir():
        tables = sorted(root.glob(f"*{_PARQUET}"))
        if tables:
            return _tables([(str(one), one.name) for one in tables], asked)
        return _labelled(root, asked) if asked.writers else _unlabelled(root)
    suffix = root.suffix.lower()
    if suffix == _PARQUET and root.is_file():
        return _tables([(place, root.name)], asked)
    if suffix in _TABLE and root.is_file():
        return _manifest(root, "", asked)
    if suffix == _ARCHIVE:
        return _labelled(root, asked)
    if not Path(Address.of(place).source).is_file():
        raise DatasetError(f"{as_text(place)}: no such file or folder")
    return Inputs((_item(place, os.path.basename(place)),))


def _tables(files: list[tuple[str, str]], asked: Asked) -> Inputs:
    groups = (groups_of(path, name, asked.writers) for path, name in files)
    return Inputs(tuple(one for found in groups for one in found))


def _labelled(root: Path, asked: Asked) -> Inputs:
    try:
        dataset = read_dataset(root, asked.layout, asked.writer_folder)
    except DatasetError as fault:
        raise DatasetError(f"{fault}; --no-writers embeds all images without names") from fault
    return _of(dataset, lambda sample: str(sample.path))


def _unlabelled(root: Path) -> Inputs:
    images, left_out = list_images(root)
    if not images:
        raise DatasetError(f"{as_text(root)}: no images in it")
    items = [_item(str(image), image.relative_to(root).as_posix()) for image in images]
    failed = [_failed(one, root) for one in left_out if one.failed]
    return Inputs((*items, *failed), left_out=tuple(one for one in left_out if not one.failed))


def _of(dataset: Dataset, place_of: Any, sizes: dict[str, int] | None = None) -> Inputs:
    """Each genuine sample, at the place that `place_of` tells, and a row for what failed."""
    items = []
    for sample in dataset.genuine():
        source = sample if sample.entry is not None else place_of(sample)
        items.append(
            _item(source, sample.id, sample.writer, sample.metadata, (sizes or {}).get(sample.id))
        )
    failed = [_failed(one) for one in dataset.left_out if one.failed]
    left_out = tuple(one for one in dataset.left_out if not one.failed)
    return Inputs((*items, *failed), len(dataset.forgeries()), left_out, dataset.notes)


def _manifest(path: Path, base: str, asked: Asked) -> Inputs:
    """The rows of a CSV file; relative paths are taken from its own folder, or from `base`."""

    def find(folder: Path, given: str) -> tuple[Path, str]:
        if is_url(given) or base:
            return Path(given), "" if given else "a row without a path"
        return find_image(folder, given)

    def place_of(given: str, found: Path) -> str:
        if is_url(given):
            return given
        return posixpath.join(base, given) if base else str(found)

    if asked.writers:
        dataset = read_manifest(path, find)
        return _of(dataset, lambda sample: place_of(sample.id, sample.path))
    items = []
    for line, fields, fault in rows(path, ("path",), ("path",)):
        given = fields.get("path", "")
        found, wrong = find(path.parent, given)
        if why := fault or wrong:
            items.append(_failed(LeftOut(found, why, line)))
        else:
            items.append(_item(place_of(given, found), given))
    return Inputs(tuple(items))


@dataclass(frozen=True, slots=True)
class _Remote:
    """IN in object storage."""

    url: str
    files: Any
    path: str

    @classmethod
    def at(cls, url: str) -> _Remote:
        files, path = file_system(Address.of(url).source)
        return cls(url.rstrip("/"), files, path.rstrip("/"))

    def inputs(self, asked: Asked) -> Inputs:
        suffix = posixpath.splitext(self.path)[1].lower()
        if suffix == _PARQUET:
            return _tables([(self.url, posixpath.basename(self.path))], asked)
        if suffix in _TABLE:
            with tempfile.TemporaryDirectory() as folder:
                copy = Path(folder) / posixpath.basename(self.path)
                copy.write_bytes(self._content())
                return _manifest(copy, posixpath.dirname(self.url), asked)
        if suffix in IMAGE_SUFFIXES:
            return Inputs((Item(posixpath.basename(self.url), self.url),))
        return self._folder(asked)

    def _folder(self, asked: Asked) -> Inputs:
        sizes = dict(self._listed())
        tables = [one for one in sizes if one.endswith(_PARQUET) and "/" not in one]
        if tables:
            return _tables([(f"{self.url}/{one}", one) for one in sorted(tables)], asked)
        images = [
            one for one in sizes if posixpath.splitext(one)[1].lower() in IMAGE_SUFFIXES
            and not any(part.startswith(".") for part in one.split("/"))
        ]  # fmt: skip
        if not images:
            raise DatasetError(f"{self.url}: no images in it")
        images.sort(key=lambda one: one.split("/"))
        others = sorted(set(sizes) - set(images))
        left_out = tuple(LeftOut(Path(one), "not an image") for one in others)
        if not asked.writers:
            items = (Item(one, f"{self.url}/{one}", size=sizes[one]) for one in images)
            return Inputs(tuple(items), left_out=left_out)
        dataset = read_listing(images, asked.layout, asked.writer_folder)
        relative = {sample.id: sample.path.as_posix().lstrip("/") for sample in dataset.samples}
        known = {name: sizes[path] for name, path in relative.items()}
        found = _of(dataset, lambda sample: f"{self.url}/{relative[sample.id]}", known)
        return replace(found, left_out=(*found.left_out, *left_out))

    def _listed(self) -> Iterator[tuple[str, int]]:
        try:
            found = self.files.find(self.path, detail=True)
        except Exception as fault:  # each storage has errors of its own
            raise StorageFault(f"{self.url}: cannot be listed ({fault})") from fault
        start = len(self.path) + 1
        for path, about in found.items():
            yield path[start:], int(about.get("size") or 0)

    def _content(self) -> bytes:
        try:
            data: bytes = self.files.cat_file(self.path)
        except Exception as fault:
            raise StorageFault(f"{self.url}: cannot be read ({fault})") from fault
        return data


def _item(
    source: str | Sample,
    name: str,
    writer: str = "",
    metadata: tuple[tuple[str, str], ...] = (),
    size: int | None = None,
) -> Item:
    if size is None and isinstance(source, str) and not is_url(source):
        try:
            size = os.stat(Address.of(source).source).st_size
        except (OSError, ValueError):
            size = 0  # said when it is read
    return Item(as_text(name), source, writer, metadata, size=size or 0)


def _failed(one: LeftOut, root: Path | None = None) -> Item:
    name = one.path.relative_to(root) if root and one.path.is_relative_to(root) else one.path
    return Item(as_text(name), "", fault=str(one))
