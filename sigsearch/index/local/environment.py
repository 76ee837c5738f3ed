"""LMDB's mechanics: opening once per process, growing, following a moved store, naming faults.

Nothing here knows what the tables hold.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sigsearch.errors import IndexBusy, IndexFault, IndexReadOnly
from sigsearch.index.local.contents import MANIFEST, SPARE, WRITER_LOCK
from sigsearch.index.local.files import is_on_read_only_media, named_faults
from sigsearch.index.local.folder import open_plain
from sigsearch.index.local.forking import mind
from sigsearch.index.local.locks import Gate, WriterLock, writers_out
from sigsearch.index.local.manifest import missing, read_manifest, renew_copy
from sigsearch.index.local.opening import named_fault, open_store
from sigsearch.index.local.pages import check_files, check_meta_pages
from sigsearch.schema import Sync

if TYPE_CHECKING:
    import lmdb


T = TypeVar("T")

_PAGE = 4096
_SMALLEST_MAP = 1 << 24
_LARGEST_STEP = 1 << 33
_FREELY = nullcontext()
_PATIENCE = 10.0  # seconds that a reader who is not listed waits for a writer
_NAMESAKE = (
    ": another process, in another container, has it open under this one's process number; let "
    "the containers share process numbers, or write from one of them"
)


_LEFT_TO_THE_PARENT: list[lmdb.Environment] = []  # never closed, nor used


class Environment:
    """The current store of the index folder `root`; one object per folder and process."""

    def __init__(self, root: Path, scattered: bool = False) -> None:
        """With `scattered` the operating system reads only the pages that are asked for."""
        self.root = root
        self._scattered = scattered
        self.lock = WriterLock(root / WRITER_LOCK)
        self._manifest = os.fspath(root / MANIFEST)
        self.users = 0
        self._sync: Sync = "lazy"
        self._gate = Gate()
        self._shut = False  # for a fork
        self._env: lmdb.Environment | None = None
        self._seen: tuple[int, ...] = ()  # the manifest whose store is open
        self._settled: tuple[int, ...] = ()  # the manifest that was found to be all in place
        self.sealing: dict[str, Any] = {}  # what its manifest says of its seal
        self._listed = True  # whether this process is in LMDB's table of readers
        self._namesake = False  # whether another process stands there under this one's number
        mind(self)

    def before_fork(self, patience: float) -> None:
        self._shut = self._gate.shut(patience)
        if self._shut:
            self._close()

    def after_fork_in_parent(self) -> None:
        if self._shut:
            self._shut = False
            self._gate.open()

    def after_fork_in_child(self) -> None:
        if self._env is not None:
            if self._gate.busy():  # another thread of the parent reads: closing would disturb it
                _LEFT_TO_THE_PARENT.append(self._env)
                self._env, self._seen = None, ()
            self._close()
        self._shut = False
        self._gate.reset()

    def read(self, work: Callable[[lmdb.Transaction[bytes]], T]) -> T:
        """Run `work` on one consistent snapshot. It may run again after a move of the store."""
        import lmdb

        for _ in range(8):
            try:
                with self._gate:
                    if self._env is not None:
                        with self._kept_still(), self._env.begin() as transaction:
                            if self._signature() == self._seen:
                                return work(transaction)
                self.refresh()
            except lmdb.MapResizedError:
                self._resize(0)
            except lmdb.ReadersFullError:
                self._drop_dead_readers()
            except lmdb.Error as error:
                self._seen = ()  # whatever happened, start from the file again
                if not self._is_namesake(error):
                    raise named_fault(error, self.root) from error
        raise IndexBusy(f"{self.root} is being rebuilt or has too many readers; try again")

    def write(
        self, work: Callable[[lmdb.Transaction[bytes]], T], *, wait: float, room: int = 0
    ) -> T:
        """Run `work` in one transaction; it is on disk when this returns. `work` may run twice:
        not if `room` says in advance how many bytes it will take.

        Raises:
            IndexBusy: another writer was at work for `wait` seconds.
            IndexReadOnly, IndexFull: nothing was changed.
        """
        import lmdb

        with self.lock.held(wait):
            self.settle()
            self._make_room(room)
            while True:
                try:
                    with self._opened() as env, env.begin(write=True) as transaction:
                        return work(transaction)
                except lmdb.MapFullError:
                    self._grow()
                except lmdb.MapResizedError:
                    self._resize(0)

    def close(self) -> None:
        with self._gate.exclusive():
            self._close()

    def require(self, sync: Sync) -> None:
        """Whoever asks for more safety gets it, for all users of this object."""
        if sync == "full" and self._sync == "lazy":
            self._sync, self._seen = sync, ()

    def settle(self) -> None:
        """Open the store that the manifest names, and end what a kill may have left undone when
        that was swapped: from then on the store may hold what no other one does.

        The caller holds the writer lock, so that nothing is swapped until it lets go.
        """
        self.refresh()
        if self._settled == self._seen:
            return
        with named_faults(self.root):
            renew_copy(self.root)
            (self.folder() / SPARE).unlink(missing_ok=True)
        self._settled = self._seen

    def copy(self, folder: Path) -> None:
        """A copy of the living pages of the store that the manifest names, of one moment."""
        with self._opened() as env, named_faults(folder):
            copy = open_plain(folder / "data.mdb", os.O_WRONLY | os.O_CREAT | os.O_EXCL)
            try:
                env.copyfd(copy, compact=True)
                os.fsync(copy)
            finally:
                os.close(copy)

    def folder(self) -> Path:
        """Where the current store lies."""
        return self.root / str(read_manifest(self.root)["store"])

    def _signature(self) -> tuple[int, ...]:
        try:
            status = os.stat(self._manifest)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise missing(self.root) from error
        return status.st_ino, status.st_mtime_ns, status.st_size

    def refresh(self) -> None:
        """Open, or open anew when the store was moved."""
        if self._signature() == self._seen:
            return
        with self._gate.exclusive():
            self._close()
            self._open_current()

    def _open_current(self) -> None:
        for _ in range(8):
            signature = self._signature()
            try:
                with self._faults():
                    manifest = read_manifest(self.root)
                    self._open(self.root / str(manifest["store"]))
                    self.sealing = manifest["sealing"]
            except IndexFault:
                self._close()
                if self._signature() == signature:
                    raise
                continue  # the store was moved meanwhile, and what was opened erased
            self._seen = signature  # last, so that an interrupt never leaves it without a store
            return
        raise IndexBusy(f"{self.root} is being rebuilt over and over; try again")

    def _open(self, folder: Path) -> None:
        import lmdb

        data, table = folder / "data.mdb", folder / "lock.mdb"
        check_files(folder)
        check_meta_pages(data)
        self._listed = not self._namesake and os.access(
            table if os.path.lexists(table) else folder, os.W_OK
        )
        writable = self._listed and os.access(data, os.W_OK) and os.access(folder, os.W_OK)
        how: dict[str, Any] = {
            "map_size": _SMALLEST_MAP, "readonly": not writable, "create": False,
            "metasync": self._sync == "full", "readahead": not self._scattered,
        }  # fmt: skip
        if not self._listed:
            self._env = lmdb.open(os.fspath(folder), lock=False, **how)
            return
        try:
            self._env = open_store(folder, **how)
            self._env.reader_check()
        except lmdb.Error as error:
            if not self._is_namesake(error):
                raise
            self._open(folder)

    def _kept_still(self) -> AbstractContextManager[None]:
        """For one read. LMDB keeps the pages of readers in its table; who is not there, for want of
        a right to write, keeps writers out instead, for as long as the read takes."""
        if self._listed or self.lock.is_held() or is_on_read_only_media(self.root):
            return _FREELY
        return writers_out(self.lock.path, _PATIENCE)

    def _is_namesake(self, error: lmdb.Error) -> bool:
        """Whether LMDB refused because another process has this one's number: they see each other's
        files, but not each other, as in two containers. Then this one only reads, unlisted."""
        refused = getattr(error, "code", 0) == errno.EAGAIN
        self._namesake, known = self._namesake or (refused and self._listed), self._namesake
        return self._namesake and not known

    def _close(self) -> None:
        former, self._env, self._seen = self._env, None, ()
        if former is not None:
            former.close()

    def _make_room(self, room: int) -> None:
        """Enlarge the map at once, if it has less room than that."""
        with self._opened() as env:
            facts = env.info()
        used = (facts["last_pgno"] + 1) * _PAGE
        if used + room > facts["map_size"]:
            self._resize(used + room + _SMALLEST_MAP)

    def _grow(self) -> None:
        with self._opened() as env:
            size = env.info()["map_size"]
        self._resize(size + min(max(size, _SMALLEST_MAP), _LARGEST_STEP))

    def _resize(self, size: int) -> None:
        with self._faults(), self._gate.exclusive():
            if self._env is not None:  # else closed for a fork, and opened anew as large
                self._env.set_mapsize(size)

    def _drop_dead_readers(self) -> None:
        with self._opened() as env:
            env.reader_check()

    @contextmanager
    def _opened(self) -> Iterator[lmdb.Environment]:
        """The store that the manifest names, kept open meanwhile."""
        while True:
            self.refresh()
            with self._faults(), self._gate:
                if self._env is not None:  # else closed for a fork at this very moment
                    yield self._env
                    return

    @contextmanager
    def _faults(self) -> Iterator[None]:
        import lmdb

        try:
            yield
        except (lmdb.MapFullError, lmdb.MapResizedError, lmdb.ReadersFullError):
            raise
        except lmdb.ReadonlyError as error:
            why = _NAMESAKE if self._namesake else ""
            raise IndexReadOnly(f"{self.root} cannot be written to{why}") from error
        except lmdb.Error as error:
            self._seen = ()  # whatever happened, start from the file again
            raise named_fault(error, self.root) from error
