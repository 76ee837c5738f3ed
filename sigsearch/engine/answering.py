"""What an index answers: is it truly theirs, and who signed; each noted, if that is wanted, before
it is given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from sigsearch.arguments import NAME, NUMBER, POSITIVE, TEXTS, of_kind, takes
from sigsearch.documents.intake import signature_from
from sigsearch.encoder import Embeddings, Encoder
from sigsearch.engine.accounts import rules_of
from sigsearch.engine.amounts import amount_of
from sigsearch.engine.examination import Examination
from sigsearch.engine.held_names import HeldNames
from sigsearch.engine.index_judge import OwnJudge
from sigsearch.engine.judge import Judge, Rates, Scores
from sigsearch.engine.log_entries import note, note_mandate
from sigsearch.engine.mandates import (
    MandateAnswer,
    SignatureAnswer,
    most_accepted,
    weigh_mandate,
)
from sigsearch.engine.questions import Asked, Questions
from sigsearch.engine.repeated import repeated_among
from sigsearch.engine.results import Identification, Verification
from sigsearch.engine.second_look import Postures
from sigsearch.errors import SigsearchError
from sigsearch.imaging import ImageSource, Signature
from sigsearch.imaging.several import several
from sigsearch.index.index import Index
from sigsearch.matching.gallery import DEFAULT_FPIR
from sigsearch.matching.rivals import RIVALS

DEFAULT_CANDIDATES = 50


class Answering:
    """An index with the encoder that made it, as one who asks sees it."""

    def __init__(self, index: Index, encoder: Encoder, log: bool = False, by: str = "") -> None:
        self.index = index
        self.encoder = encoder
        self.log = log
        self.by = by
        self._own_judge = OwnJudge(index, encoder)
        self._names = HeldNames(index)
        self._questions = Questions(index, encoder, self._own_judge)

    @property
    def judge(self) -> Judge:
        """By the calibration and the population that the index holds now, whoever put them there.
        Raises CalibrationError where they cannot be read."""
        return self._own_judge.current

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
        return self.examine_postures(Postures(signature_from(image), self.encoder), writer, rates)

    def examine_postures(
        self, postures: Postures, writer: str, rates: Rates | None = None
    ) -> Examination:
        """`examine`, for one who asks more than once about a signature."""
        examined = self._questions.examine(postures, self._names.find(writer), rates or Rates())
        if self.log:
            note(self.index, postures.signature, examined.answer, self.by)
        return examined

    @takes(k=POSITIVE, fpir=NUMBER, candidates=POSITIVE, where=TEXTS)
    def identify(
        self,
        image: ImageSource | Signature,
        k: int = 5,
        fpir: float = DEFAULT_FPIR,
        candidates: int = DEFAULT_CANDIDATES,
        where: Mapping[str, str] | None = None,
        rates: Rates | None = None,
    ) -> Identification:
        """Who signed `image`? The best `k` writers, of the `candidates` that the global reading
        found (six at least: others tell what nearness is worth), weighed by both readings; with
        `where` only references with this metadata are
        searched and scored, and only their writers are counted (the population stays that of the
        whole index). `rates`: for the verification of the best one; by default those of `verify`,
        or the nearest that the calibration supports. Raises ImageError or CalibrationError."""
        asked = Asked(k, fpir, max(candidates, k, RIVALS + 1), where, rates)
        return self.identify_postures(Postures(signature_from(image), self.encoder), asked)

    @takes(k=POSITIVE, fpir=NUMBER, candidates=POSITIVE, where=TEXTS)
    def identify_many(
        self,
        images: Iterable[ImageSource | Signature] | ImageSource | Signature,
        k: int = 5,
        fpir: float = DEFAULT_FPIR,
        candidates: int = DEFAULT_CANDIDATES,
        where: Mapping[str, str] | None = None,
        rates: Rates | None = None,
    ) -> Iterator[Identification | SigsearchError]:
        """`identify` for many, one by one; an image that cannot be read yields its error."""
        asked = Asked(k, fpir, max(candidates, k, RIVALS + 1), where, rates)
        for image in several(images):
            try:
                yield self.identify_postures(Postures(signature_from(image), self.encoder), asked)
            except SigsearchError as fault:
                yield fault

    def identify_postures(self, postures: Postures, asked: Asked) -> Identification:
        """`identify`, for one who asks more than once about a signature."""
        answer = self._questions.identify(postures, asked)
        if self.log:
            note(self.index, postures.signature, answer, self.by)
        return answer

    def check_mandate(
        self,
        signatures: Sequence[Signature],
        account: str,
        amount: Decimal | int | str | None = None,
        rates: Rates | None = None,
    ) -> MandateAnswer:
        """Do these signatures, of one document or of several, satisfy a rule of the account? Each
        is verified against every writer whom a rule names. Raises AccountUnknown, WriterUnknown,
        CalibrationError, or ArgumentRefused for what is no amount."""
        stated = None if amount is None else amount_of(amount)
        rules = rules_of(self.index, account)
        writers = dict.fromkeys(name for rule in rules for name in rule.writers)
        told = [
            {writer: self.verify(signature, writer, rates) for writer in writers}
            for signature in signatures
        ]
        answers = {
            (at, writer): one.verdict.answer
            for at, verified in enumerate(told)
            for writer, one in verified.items()
        }
        names = [signature.name for signature in signatures]
        repeated = repeated_among(signatures, most_accepted(answers))
        answer = weigh_mandate(account, rules, names, answers, stated, repeated)
        best = tuple(SignatureAnswer.best_of(verified.values()) for verified in told)
        answer = replace(answer, looked_at=best)
        if self.log:
            note_mandate(self.index, signatures, answer, self.by)
        return answer

    def score_candidates(
        self, judge: Judge, questioned: Embeddings, candidates: int = DEFAULT_CANDIDATES
    ) -> tuple[list[str], Scores, list[int], int]:
        """The writers whom the global reading finds nearest to one questioned signature: their
        names, their scores by both readings as `judge` fuses them, how many references each has,
        and among how many writers they were found."""
        nearest = self._questions.nearest(questioned, candidates)
        scores = self._questions.scores(judge, questioned, nearest)
        counts = [len(held) for held in nearest.references.values()]
        return list(nearest.references), scores, counts, nearest.writer_count
