"""The four verbs: enrol, identify, verify, forget. Each a short story told in the rooms' words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn

from sigsearch.arguments import BYTES, COUNT, NAME, NUMBER, PLACE, TEXTS, of_kind, takes
from sigsearch.encoder import Embeddings, Encoder
from sigsearch.engine.decision_log import note
from sigsearch.engine.enrolment import (
    Specimen,
    enrol_specimens,
    identity_of,
    specimens_of,
    with_left_out,
)
from sigsearch.engine.examination import Examination, verification
from sigsearch.engine.held_names import HeldNames
from sigsearch.engine.index_judge import OwnJudge
from sigsearch.engine.judge import Judge, Rates
from sigsearch.engine.looking import Found, look_for
from sigsearch.engine.results import Enrolment, Gallery, Identification, Verification
from sigsearch.engine.template import copied_among, prints_of, readings_of
from sigsearch.engine.weighing import reasons_about, weigh
from sigsearch.errors import ArgumentRefused, NotPicklable, SigsearchError
from sigsearch.imaging import ImageSource, Signature, read_signature
from sigsearch.imaging.fingerprint import fingerprint
from sigsearch.imaging.several import several
from sigsearch.imaging.strikes import struck_through
from sigsearch.index.index import Index
from sigsearch.index.opening import create_index, open_index
from sigsearch.index.records import Writer
from sigsearch.matching.calibration import CalibrationSet
from sigsearch.matching.gallery import DEFAULT_FPIR
from sigsearch.matching.population import Population
from sigsearch.matching.reasons import capped
from sigsearch.schema import Sync

if TYPE_CHECKING:
    from sigsearch.datasets import Dataset
    from sigsearch.index.results import IndexInfo

DEFAULT_CANDIDATES = 50


class SignatureIndex:
    """Enrolled writers, searchable and verifiable. Open one with `open` or `build`."""

    def __init__(self, index: Index, encoder: Encoder, log: bool = False) -> None:
        self.index = index
        self.encoder = encoder
        self.log = log
        self._own_judge = OwnJudge(index, encoder)
        self._names = HeldNames(index)

    def __reduce__(self) -> NoReturn:
        path = str(self.index.path.absolute())
        raise NotPicklable.told(f"the index {path}", f"SignatureIndex.open({path!r})")

    @classmethod
    @takes(path=PLACE, encoder=of_kind(Encoder), key=BYTES)
    def open(
        cls,
        path: Path | str,
        encoder: Encoder | None = None,
        read_only: bool = False,
        key: bytes | None = None,
        log: bool = False,
    ) -> SignatureIndex:
        """Open an index; `key` (32 bytes) is that of an encrypted one. With `log` no decision
        is given before it is in the index's decision log. Raises IndexMissing, IndexCorrupt,
        IndexLocked, or EncoderMismatch when `encoder` (by default the shipped one) is not the one
        that made it."""
        chosen = encoder or Encoder.load()
        index = open_index(path, identity_of(chosen), key, read_only)
        return cls(index, chosen, log)

    @classmethod
    @takes(path=PLACE, encoder=of_kind(Encoder), key=BYTES)
    def create(
        cls,
        path: Path | str,
        encoder: Encoder | None = None,
        exist_ok: bool = False,
        key: bytes | None = None,
        sync: Sync = "full",
    ) -> SignatureIndex:
        """An empty index, encrypted if there is a `key` (32 bytes); with `exist_ok` one that is
        there already is opened. With `sync` "lazy" power loss may undo the last changes."""
        chosen = encoder or Encoder.load()
        index = create_index(path, identity_of(chosen), key, exist_ok=exist_ok, sync=sync)
        return cls(index, chosen)

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

    @property
    def judge(self) -> Judge:
        """By the calibration and the population that the index holds now, whoever put them there.
        Raises CalibrationError where they cannot be read."""
        return self._own_judge.current

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
    ) -> Enrolment:
        """Enrol references of one writer; what cannot be read is reported, not raised."""
        specimens = (Specimen(writer, image, dict(metadata or {})) for image in several(images))
        return self.enrol_all(specimens)

    def enrol_dataset(self, dataset: Dataset) -> Enrolment:
        """Enrol the genuine samples of a dataset; its forgeries are left out, and counted."""
        report = self.enrol_all(specimens_of(dataset), len(dataset.forgeries()))
        return with_left_out(report, dataset.left_out)

    def enrol_all(self, specimens: Iterable[Specimen], forgeries: int = 0) -> Enrolment:
        """Enrol specimens of many writers in batches; each batch is on disk before the next. When
        the index has grown by half, its population is measured anew, which takes seconds (and
        before that, in a large one, minutes until it can be searched quickly)."""
        report = enrol_specimens(self.index, self.encoder, specimens, forgeries)
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
        """Drop a writer; returns how many references there were. Raises WriterUnknown."""
        return self.index.forget(self._names.find(writer))

    def verify(
        self, image: ImageSource | Signature, writer: str, rates: Rates | None = None
    ) -> Verification:
        """Is `image` truly by `writer`? Raises WriterUnknown, ImageError or CalibrationError."""
        return self.examine(image, writer, rates).answer

    @takes(writer=NAME, rates=of_kind(Rates))
    def examine(
        self, image: ImageSource | Signature, writer: str, rates: Rates | None = None
    ) -> Examination:
        """`verify`, with all that the answer rests on: for a report."""
        writer = self._names.find(writer)
        enrolled = self.index.references(writer)
        signature = read_signature(image)
        judge, questioned = self.judge, self.encoder.embed([signature])
        scores = partial(self._own_judge.scores, judge, enrolled=enrolled)
        prints = prints_of(enrolled, self.encoder.card)
        weighed = weigh(
            signature, questioned, self.encoder, judge, rates or Rates(), scores, prints
        )
        card, sources = self.encoder.card, [reference.source for reference in enrolled]
        copied = copied_among(
            signature.content_hash, fingerprint(weighed.signature), enrolled, card, weighed.pairs
        )
        answer = verification(signature, writer, weighed, sources, copied, card.id)
        if self.log:
            note(self.index, signature, answer)
        return Examination(
            answer,
            signature,
            questioned,
            readings_of(enrolled, self.encoder.card),
            tuple(reference.content_hash for reference in enrolled),
            judge,
        )

    @takes(k=COUNT, fpir=NUMBER, candidates=COUNT, where=TEXTS)
    def identify(
        self,
        image: ImageSource | Signature,
        k: int = 5,
        fpir: float = DEFAULT_FPIR,
        candidates: int = DEFAULT_CANDIDATES,
        where: Mapping[str, str] | None = None,
    ) -> Identification:
        """Who signed `image`? The best `k` writers, of the `candidates` that the global reading
        found, weighed by both readings; with `where` only references with this metadata are
        searched and scored, and only their writers are counted (the population stays that of the
        whole index). Raises ImageError or CalibrationError."""
        answer = next(self.identify_many([image], k, fpir, candidates, where))
        if isinstance(answer, SigsearchError):
            raise answer
        return answer

    @takes(k=COUNT, fpir=NUMBER, candidates=COUNT, where=TEXTS)
    def identify_many(
        self,
        images: Iterable[ImageSource | Signature] | ImageSource | Signature,
        k: int = 5,
        fpir: float = DEFAULT_FPIR,
        candidates: int = DEFAULT_CANDIDATES,
        where: Mapping[str, str] | None = None,
    ) -> Iterator[Identification | SigsearchError]:
        """`identify` for many, one by one; an image that cannot be read yields its error."""
        if k < 1 or candidates < 1:
            raise ArgumentRefused(f"k and candidates are 1 or more, not {k} and {candidates}")
        for image in several(images):
            try:
                signature = read_signature(image)
                yield self._identify(signature, k, fpir, max(candidates, k), where)
            except SigsearchError as fault:
                yield fault

    def _identify(
        self,
        signature: Signature,
        k: int,
        fpir: float,
        candidates: int,
        where: Mapping[str, str] | None,
    ) -> Identification:
        judge = self.judge

        def look(reading: Embeddings, among: int) -> Found:
            held = self.score_candidates(judge, reading, among, where)
            return Found.weighed(judge, reading, fpir, *held)

        found, posture = look_for(signature, self.encoder, look, candidates, judge)
        codes = [*signature.warnings, *([posture.name] if posture else [])]
        if found.identified:
            (enrolled,) = self.index.references_of([found.best], where)
            righted = posture.signature if posture else signature
            if struck_through(fingerprint(righted), prints_of(enrolled, self.encoder.card)):
                codes.append("struck_through")
        reasons = reasons_about(signature, [*codes, *judge.notes])
        decision, capped_by = capped("match" if found.identified else "inconclusive", reasons)
        best = found.candidates(judge, k, reasons)
        answer = Identification(
            questioned=signature.name,
            decision="identified" if decision == "match" else "unknown",
            writer=best[0].writer if decision == "match" else None,
            candidates=best,
            gallery=Gallery(
                writer_count=found.writers,
                fpir=fpir,
                extrapolated=found.verdict.extrapolated,
                threshold_from=found.verdict.threshold_from,
                fnir=found.verdict.fnir,
            ),
            model=self.encoder.card.id,
            warnings=signature.warnings,
            reasons=reasons,
            capped_by=capped_by,
        )
        if self.log:
            note(self.index, signature, answer)
        return answer

    def score_candidates(
        self,
        judge: Judge,
        questioned: Embeddings,
        candidates: int = DEFAULT_CANDIDATES,
        where: Mapping[str, str] | None = None,
    ) -> tuple[list[str], list[float], list[int], int]:
        """The writers whom the global reading finds nearest to one questioned signature: their
        names, their scores by both readings as `judge` fuses them, how many references each has,
        and among how many writers they were found; all among references with the metadata
        `where`."""
        found = self.index.search(questioned.vectors, candidates, where)
        names = found.writers[0].tolist()
        found_with = zip(names, self.index.references_of(names, where), strict=True)
        # Empty for one who was forgotten since the search.
        enrolled = {name: references for name, references in found_with if references}
        score = self._own_judge.scores
        scores = [float(score(judge, questioned, held)[0][0]) for held in enrolled.values()]
        counts = [len(references) for references in enrolled.values()]
        return list(enrolled), scores, counts, found.writer_count
