"""Where images lie and parts go: folders of this machine, or object storage through fsspec."""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

from sigsearch.errors import ExtraMissing, ImageMissing, ImageTooLarge, StorageFault
from sigsearch.imaging.sources import MAX_BYTES
from sigsearch.index.local.files import named_faults, replacing

PLAN = "embed.json"
"""The file in which an output keeps by which encoder it is, and of how many parts."""
_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+://")
_LEFT_OVER = 3600  # seconds after which nobody writes a file beside its place any more


def is_url(text: str) -> bool:
    return _URL.match(text) is not None


class Place(Protocol):
    """A folder that holds parts."""

    def names(self) -> set[str]:
        """Of the files in it; empty where it does not exist yet."""

    def at(self, name: str) -> AbstractContextManager[Path]:
        """A file, on this machine."""

    def replacing(self, name: str) -> AbstractContextManager[Path]:
        """A file of this machine that, when it is whole, takes its place under a name."""

    def sweep(self, name: str) -> None:
        """Drop what those left beside a file who were killed while they wrote it."""

    def first(self, name: str, data: bytes) -> bytes:
        """`data` under a name, unless somebody was there first; what it holds now."""


def place_at(text: str) -> Place:
    """Raises StorageFault."""
    return RemotePlace(text) if is_url(text) else LocalPlace(Path(text))


class LocalPlace:
    """A folder, made if need be."""

    def __init__(self, root: Path) -> None:
        self.root = root
        with named_faults(root):
            root.mkdir(parents=True, exist_ok=True)
            for old in root.glob(".*.new"):  # what a kill left
                if old.stat().st_mtime < time.time() - _LEFT_OVER:
                    old.unlink(missing_ok=True)

    def names(self) -> set[str]:
        with named_faults(self.root):
            return set(os.listdir(self.root))

    @contextmanager
    def at(self, name: str) -> Iterator[Path]:
        yield self.root / name

    def replacing(self, name: str) -> AbstractContextManager[Path]:
        return replacing(self.root / name)

    def sweep(self, name: str) -> None:
        with named_faults(self.root):
            for old in self.root.glob(f".{name}.*.new"):
                old.unlink(missing_ok=True)

    def first(self, name: str, data: bytes) -> bytes:
        path = self.root / name
        beside = path.with_name(f".{name}.{os.urandom(4).hex()}.new")
        with named_faults(path):
            beside.write_bytes(data)
            try:
                os.link(beside, path)
            except OSError:  # somebody was first, or the file system knows no links
                if not path.exists():
                    os.replace(beside, path)
            finally:
                beside.unlink(missing_ok=True)
            return path.read_bytes()


class RemotePlace:
    """A folder of an object storage. An object is there as a whole or not at all."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self.files, self.root = file_system(self.url)

    def names(self) -> set[str]:
        with _told(self.url):
            try:
                return {os.path.basename(one) for one in self.files.ls(self.root, detail=False)}
            except FileNotFoundError:
                return set()

    @contextmanager
    def at(self, name: str) -> Iterator[Path]:
        with tempfile.TemporaryDirectory() as folder:
            with _told(f"{self.url}/{name}"):
                self.files.get_file(f"{self.root}/{name}", str(Path(folder) / name))
            yield Path(folder) / name

    @contextmanager
    def replacing(self, name: str) -> Iterator[Path]:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder) / name
            beside = f"{self.root}/.{name}.{os.urandom(4).hex()}.new"
            with _told(f"{self.url}/{name}"):
                self.files.makedirs(self.root, exist_ok=True)
                self.files.put_file(str(Path(folder) / name), beside)
                self.files.mv(beside, f"{self.root}/{name}")

    def sweep(self, name: str) -> None:
        with _told(self.url):
            self.files.invalidate_cache()
            for old in self.files.glob(f"{self.root}/.{name}.*.new"):
                self.files.rm_file(old)

    def first(self, name: str, data: bytes) -> bytes:
        path = f"{self.root}/{name}"
        with _told(f"{self.url}/{name}"):
            self.files.invalidate_cache()
            if not self.files.exists(path):
                self.files.makedirs(self.root, exist_ok=True)
                self.files.pipe_file(path, data)
            found: bytes = self.files.cat_file(path)
            return found


def file_system(url: str) -> tuple[Any, str]:
    """The storage that a URL names, and the path in it. Raises StorageFault or ExtraMissing."""
    try:
        import fsspec.core
    except ImportError as fault:
        raise ExtraMissing("object storage needs fsspec: pip install 'sigsearch[cloud]'") from fault
    with _told(url):
        files, path = fsspec.core.url_to_fs(url)
        return files, str(path)


def read_url(url: str, name: str) -> bytes:
    """The bytes of an image. Raises ImageMissing or ImageTooLarge, which call it `name`."""
    files, path = file_system(url)
    try:
        if (files.size(path) or 0) > MAX_BYTES:
            raise ImageTooLarge(f"{name}: over the limit of {MAX_BYTES >> 20} MiB for a file")
        data: bytes = files.cat_file(path)
    except FileNotFoundError:
        raise ImageMissing(f"{name}: no such file") from None
    except ImageTooLarge:
        raise
    except Exception as fault:  # each storage has errors of its own
        raise ImageMissing(f"{name}: cannot be read ({fault})") from None
    return data


@contextmanager
def _told(url: str) -> Iterator[None]:
    """Whatever a storage raises, with its address."""
    try:
        yield
    except FileNotFoundError as fault:
        raise StorageFault(f"{url}: no such file or folder") from fault
    except StorageFault:
        raise
    except Exception as fault:  # each storage has errors of its own
        raise StorageFault(f"{url}: {fault or type(fault).__name__}") from fault
