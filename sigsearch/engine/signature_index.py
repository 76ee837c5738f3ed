"""The four verbs: enrol, identify, verify, forget. Each a short story told in the rooms' words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn

from sigsearch.arguments import BYTES, NAME, PLACE, TEXTS, of_kind, takes
from sigsearch.encoder import Encoder
from sigsearch.engine.accounts import refuse_named
from sigsearch.engine.answering import Answering
from sigsearch.engine.enrolment import (
    Specimen,
    enrol_specimens,
    identity_of,
    reference_of,
    specimens_of,
    with_left_out,
)
from sigsearch.engine.log_entries import Change, note_change, note_enrolled
from sigsearch.engine.results import Enrolment
from sigsearch.engine.upkeep import find_reference
from sigsearch.errors import NotPicklable
from sigsearch.imaging import ImageSource, Signature
from sigsearch.imaging.several import several
from sigsearch.index.opening import create_index, open_index
from sigsearch.index.records import Reference, Writer
from sigsearch.matching.calibration import CalibrationSet
from sigsearch.matching.population import Population
from sigsearch.names import one_form
from sigsearch.schema import Sync

if TYPE_CHECKING:
    from sigsearch.datasets import Dataset
    from sigsearch.index.results import IndexInfo


class SignatureIndex(Answering):
    """Enrolled writers, searchable and verifiable. Open one with `open` or `build`."""

    def __reduce__(self) -> NoReturn:
        place = self.index.place
        raise NotPicklable.told(f"the index {place}", f"SignatureIndex.open({place!r})")

    @classmethod
    @takes(path=PLACE, encoder=of_kind(Encoder), key=BYTES)
    def open(
        cls,
        path: Path | str,
        encoder: Encoder | None = None,
        read_only: bool = False,
        key: bytes | None = None,
        log: bool = False,
        by: str = "",
    ) -> SignatureIndex:
        """Open an index; `key` (32 bytes) is that of an encrypted one. With `log` no decision
        is given, and nothing enrolled or removed, before it is in the index's decision log, and
        `by` whom. Raises IndexMissing, IndexCorrupt,
        IndexLocked, or EncoderMismatch when `encoder` (by default the shipped one) is not the one
        that made it."""
        chosen = encoder or Encoder.load()
        index = open_index(path, identity_of(chosen), key, read_only)
        return cls(index, chosen, log, by)

    @classmethod
    @takes(path=PLACE, encoder=of_kind(Encoder), key=BYTES)
    def create(
        cls,
        path: Path | str,
        encoder: Encoder | None = None,
        exist_ok: bool = False,
        key: bytes | None = None,
        sync: Sync = "full",
        log: bool = False,
        by: str = "",
    ) -> SignatureIndex:
        """An empty index, encrypted if there is a `key` (32 bytes); with `exist_ok` one that is
        there already is opened. With `sync` "lazy" power loss may undo the last changes."""
        chosen = encoder or Encoder.load()
        index = create_index(path, identity_of(chosen), key, exist_ok=exist_ok, sync=sync)
        return cls(index, chosen, log, by)

    @classmethod
    def build(
        cls, references: Path | str | Dataset, path: Path | str, encoder: Encoder | None = None
    ) -> tuple[SignatureIndex, Enrolment]:
        """Enrol a folder of references (see `sigsearch.datasets` for the layouts) in the index at
        `path`, made if need be. Building again is free: known files are passed over. Raises
        DatasetError where it cannot be told whose signatures these are; then give what
        `read_dataset` makes of the folder with another `layout` or `writer_folder`."""
        from sigsearch.datasets import read_dataset

        dataset = read_dataset(references) if isinstance(references, (str, Path)) else references
        index = cls.create(path, encoder, exist_ok=True)
        return index, index.enrol_dataset(dataset)

    def __enter__(self) -> SignatureIndex:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self.index.close()

    def __len__(self) -> int:
        """How many references are enrolled."""
        return self.index.state().reference_count

    def writers(self) -> Iterator[Writer]:
        return self.index.writers()

    def info(self) -> IndexInfo:
        return self.index.info()

    @takes(writer=NAME, metadata=TEXTS)
    def enrol(
        self,
        writer: str,
        images: Iterable[ImageSource | Signature] | ImageSource | Signature,
        metadata: Mapping[str, str] | None = None,
        keep_images: bool = False,
    ) -> Enrolment:
        """Enrol references of one writer; what cannot be read is reported, not raised."""
        specimens = (Specimen(writer, image, dict(metadata or {})) for image in several(images))
        return self.enrol_all(specimens, keep_images=keep_images)

    def enrol_dataset(self, dataset: Dataset) -> Enrolment:
        """Enrol the genuine samples of a dataset; its forgeries are left out, and counted."""
        report = self.enrol_all(specimens_of(dataset), len(dataset.forgeries()))
        return with_left_out(report, dataset.left_out)

    def enrol_all(
        self, specimens: Iterable[Specimen], forgeries: int = 0, keep_images: bool = False
    ) -> Enrolment:
        """Enrol specimens of many writers in batches; each batch is on disk before the next. With
        `keep_images` a scan of each, of at most 50 kB, is kept for evidence sheets. When
        the index has grown by half, its population is measured anew, which takes seconds (and
        before that, in a large one, minutes until it can be searched quickly)."""
        tell = self._enrolled if self.log else None
        report = enrol_specimens(self.index, self.encoder, specimens, forgeries, keep_images, tell)
        self.follow_growth()  # also when nothing is new: the last enrolment may have been killed
        return report

    @takes(calibrations=of_kind(CalibrationSet))
    def recalibrate(self, calibrations: CalibrationSet) -> None:
        """Keep a calibration of one's own in the index, for its answers from now on. What it has
        measured of its population is void until `measure_population`. Raises CalibrationError for
        one that was fitted for another encoder."""
        self._own_judge.recalibrate(calibrations)

    def measure_population(self) -> Population | None:
        """Ask a sample of the references of one another, and let the thresholds of `identify`, and
        of `verify` against random forgeries, rest on what that shows from now on. None where the
        index is too small to show anything; then the calibration's population stands for it."""
        return self._own_judge.measure_population()

    def follow_growth(self) -> None:
        """`measure_population`, if the index has grown or shrunk by half since or never was
        measured."""
        self._own_judge.follow_growth()

    @takes(writer=NAME)
    def forget(self, writer: str) -> int:
        """Drop a writer; returns how many references there were. Raises WriterUnknown, or
        WriterNamed where the rules of an account name them."""
        refuse_named(self.index, writer)
        name = self._names.find(writer)
        if self.log:
            self._note("forget", [name], len(self.index.references(name)))
        return self.index.forget(name)

    def references(self, writer: str) -> list[Reference]:
        """What a writer has enrolled, oldest first. Raises WriterUnknown."""
        return self.index.references(self._names.find(writer))

    def remove(self, writer: str, reference: str) -> Reference:
        """Take out one reference, named by its number in `references` (from 1), its source or the
        beginning of its SHA-256; which it was. Raises WriterUnknown or ReferenceUnknown."""
        name, one = self._find(writer, reference)
        self._note("remove", [name], 1)
        self.index.amend(name, [one.content_hash])
        return one

    def move(self, writer: str, reference: str, to: str) -> Reference:
        """Enrol one reference, named as in `remove`, for another writer instead."""
        (name, one), other = self._find(writer, reference), self._names.find(to)
        self._note("move", [name, other], 1)
        self.index.amend(name, [one.content_hash], [replace(one, writer=other)])
        self._note("enrol", [other], 1)  # only now a new writer has a number
        return one

    def replace(self, writer: str, reference: str, image: ImageSource | Signature) -> Reference:
        """Enrol `image` in place of one reference, named as in `remove`, with its metadata. Raises
        ImageError too; then nothing was changed."""
        name, one = self._find(writer, reference)
        new = reference_of(self.encoder, Specimen(name, image, dict(one.metadata)))
        self._note("replace", [name], 1)
        self.index.amend(name, [one.content_hash], [new])
        return one

    def rename(self, writer: str, new: str) -> int:
        """Call a writer otherwise; how many references there are. Raises WriterUnknown, or
        ReferenceRefused where somebody is called that already, or WriterNamed where the rules of an
        account name them."""
        refuse_named(self.index, writer)
        return self.index.rename(self._names.find(writer), one_form(new))

    def _enrolled(self, references: Sequence[Reference]) -> None:
        note_enrolled(self.index, references, self.by)

    def _note(self, event: Change, writers: Sequence[str], references: int) -> None:
        if self.log:
            note_change(self.index, event, writers, references, self.by)

    def _find(self, writer: str, reference: str) -> tuple[str, Reference]:
        name = self._names.find(writer)
        return name, find_reference(self.index.references(name), reference, name)
