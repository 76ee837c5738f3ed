"""The one place that deletes, overwrites and swaps in an index's folder.

A folder is opened once, and all is done relative to it: no link is followed, nothing but plain
files is opened, and nothing outside the folder can be reached. Where the platform cannot do that
(Windows), links are looked for first.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sigsearch.errors import IndexFault
from sigsearch.index.local.rights import OWN_FOLDER, rights_in

_RELATIVE = {os.open, os.stat, os.unlink, os.rmdir, os.mkdir, os.rename} <= os.supports_dir_fd
_NO_LINK: int = getattr(os, "O_NOFOLLOW", 0)
_AT_ONCE: int = getattr(os, "O_NONBLOCK", 0)  # a FIFO would wait for somebody at its other end
_BINARY: int = getattr(os, "O_BINARY", 0)
_FOLDER: int = getattr(os, "O_DIRECTORY", 0)


class Folder:
    """An open folder, and what is done in it. Names have no slash."""

    def __init__(self, path: Path, descriptor: int | None) -> None:
        self.path = path
        self._descriptor = descriptor

    @classmethod
    @contextmanager
    def at(cls, path: Path) -> Iterator[Folder]:
        """A folder by its path, whose last part may be a link."""
        with cls(path, None)._opened(os.path.realpath(path)) as folder:
            yield folder

    @contextmanager
    def inner(self, name: str) -> Iterator[Folder]:
        """A folder in this one; raises IndexFault if it is a link or no folder."""
        if not stat.S_ISDIR(self.status(name).st_mode):
            raise IndexFault(f"{self.path / name} is not a folder; it was left as it is")
        with Folder(self.path / name, self._descriptor)._opened(self._place(name)) as folder:
            yield folder

    def status(self, name: str) -> os.stat_result:
        return os.stat(self._place(name), dir_fd=self._descriptor, follow_symlinks=False)

    def is_plain(self, name: str) -> bool:
        """Whether there is a file of this name, and no link, device or folder."""
        try:
            return stat.S_ISREG(self.status(name).st_mode)
        except FileNotFoundError:
            return False

    def open(self, name: str, flags: int) -> int:
        """A descriptor of a plain file; raises IndexFault if it is something else."""
        return _open(self.path / name, self._place(name), flags, self._descriptor)

    def write(self, name: str, data: bytes) -> None:
        """A new file, on disk when this returns; a plain file of that name is let go of."""
        if self.is_plain(name):
            self.unlink(name)
        descriptor = self.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        with open(descriptor, "wb") as file:
            _widen(descriptor, rights_in(self.path))
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def swap_in(self, name: str, data: bytes) -> None:
        """Put a file in the place of another one, whole, on disk when this returns."""
        with suppress(FileNotFoundError):
            if not stat.S_ISREG(self.status(name).st_mode):
                raise not_plain(self.path / name)
        beside = f"{name}.new"
        self.write(beside, data)
        os.replace(
            self._place(beside), self._place(name),
            src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor,
        )  # fmt: skip
        self.sync()

    def unlink(self, name: str) -> None:
        os.unlink(self._place(name), dir_fd=self._descriptor)

    def mkdir(self, name: str) -> None:
        os.mkdir(self._place(name), OWN_FOLDER, dir_fd=self._descriptor)

    def rmdir(self, name: str) -> None:
        os.rmdir(self._place(name), dir_fd=self._descriptor)

    def rename(self, name: str, new: str) -> None:
        """Give something another name; raises FileExistsError if that is taken."""
        with suppress(FileNotFoundError):
            self.status(new)
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(self.path / new))
        os.rename(
            self._place(name), self._place(new),
            src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor,
        )  # fmt: skip

    def sync(self) -> None:
        """Make names survive power loss (where the platform can)."""
        if self._descriptor is not None:
            os.fsync(self._descriptor)

    def _place(self, name: str) -> str:
        return name if _RELATIVE else os.fspath(self.path / name)

    @contextmanager
    def _opened(self, place: str) -> Iterator[Folder]:
        if not _RELATIVE:
            yield self
            return
        flags = os.O_RDONLY | _FOLDER | _NO_LINK
        descriptor = os.open(place, flags, dir_fd=self._descriptor)
        try:
            yield Folder(self.path, descriptor)
        finally:
            os.close(descriptor)


def _widen(descriptor: int, rights: int) -> None:
    """Give a new file these rights where the process's mask took some of them."""
    if hasattr(os, "fchmod") and stat.S_IMODE(os.fstat(descriptor).st_mode) != rights:
        os.fchmod(descriptor, rights)


def open_plain(path: Path, flags: int) -> int:
    """A descriptor of a plain file; raises IndexFault if there is a link or something else."""
    return _open(path, os.fspath(path), flags, None)


def read_plain(path: Path, most: int = -1) -> bytes:
    """The content of a plain file, at most so many bytes; raises IndexFault if there is a link or
    something else."""
    with open(open_plain(path, os.O_RDONLY), "rb") as file:
        return file.read(most)


def not_plain(path: Path) -> IndexFault:
    return IndexFault(
        f"{path} is a link or something else that is not a regular file; it was left as it is: "
        "move it away and try again"
    )


def _open(path: Path, place: str, flags: int, within: int | None) -> int:
    if not _NO_LINK and os.path.lexists(path) and not stat.S_ISREG(os.lstat(path).st_mode):
        raise not_plain(path)
    mode = rights_in(path.parent) if flags & os.O_CREAT else 0
    try:
        descriptor = os.open(place, flags | _NO_LINK | _AT_ONCE | _BINARY, mode, dir_fd=within)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK, errno.ENXIO, errno.EISDIR):
            raise not_plain(path) from error
        error.filename = os.fspath(path)
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise not_plain(path)
    return descriptor
