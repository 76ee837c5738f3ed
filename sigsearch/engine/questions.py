"""Who signed, and is it truly theirs: the two questions, put to an index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sigsearch.encoder import Embeddings, Encoder
from sigsearch.engine.examination import Examination, verification
from sigsearch.engine.index_judge import OwnJudge
from sigsearch.engine.judge import Judge, Rates, Scores
from sigsearch.engine.results import Candidate, Gallery, Identification, Verification
from sigsearch.engine.searching import Contender, Found, Nearest, look_for
from sigsearch.engine.second_look import Postures
from sigsearch.engine.suspected_copy import copied_among
from sigsearch.engine.template import originals_of, prints_of, readings_of
from sigsearch.engine.verdict import Search, Verdict, unverified, verdict_of
from sigsearch.engine.weighing import reasons_about, weigh
from sigsearch.imaging import Signature
from sigsearch.imaging.fingerprint import fingerprint
from sigsearch.imaging.postures import Posture
from sigsearch.imaging.strikes import struck_through
from sigsearch.index.index import Index
from sigsearch.index.records import Reference
from sigsearch.matching.decision import Decision
from sigsearch.matching.reasons import Reason, capped

Where = Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Asked:
    """How writers are searched for: the best `k`, of the `candidates` that the global reading
    found, at the stated `fpir`, among references with the metadata `where`; `rates`: for the
    verification of whom is found, the nearest that the calibration supports where it is None."""

    k: int
    fpir: float
    candidates: int
    where: Where = None
    rates: Rates | None = None


@dataclass(frozen=True, slots=True)
class Questions:
    """An index as one who asks it sees it."""

    index: Index
    encoder: Encoder
    own_judge: OwnJudge

    def examine(self, postures: Postures, writer: str, rates: Rates) -> Examination:
        """Is the signature truly by `writer`? Raises WriterUnknown or CalibrationError."""
        enrolled, judge = self.index.references(writer), self.own_judge.current
        return self._examine(postures, writer, enrolled, judge, rates)

    def identify(self, postures: Postures, asked: Asked) -> Identification:
        """Who signed? Raises CalibrationError."""
        judge, signature = self.own_judge.current, postures.signature

        def look(reading: Embeddings, among: int) -> Found:
            nearest = self.nearest(reading, among, asked.where)
            scores = self.scores(judge, reading, nearest)
            return Found.weighed(judge, reading, asked.fpir, nearest, scores)

        found, posture = look_for(postures, look, asked.candidates, judge)
        rates = found.rates(judge, asked.rates)
        glances = found.glances(judge, rates)
        theirs = self._verified(postures, found.contenders[: asked.k], judge, rates, glances)
        noticed = self._noticed(signature, posture, found)
        reasons = reasons_about(signature, [*noticed, *judge.notes])
        decision, capped_by = capped("match" if found.identified else "inconclusive", reasons)
        identified = decision == "match"
        best, search = next(iter(theirs), None), found.search(glances, identified)
        return Identification(
            questioned=signature.name,
            verdict=_verdict(best, found, search, reasons, capped_by),
            decision="identified" if identified else "unknown",
            writer=found.contenders[0].writer if identified else None,
            verification=best,
            candidates=_candidates(found, theirs),
            gallery=Gallery(
                writer_count=found.writer_count,
                fpir=asked.fpir,
                extrapolated=found.decided.extrapolated,
                threshold_from=found.decided.threshold_from,
                fnir=found.decided.fnir,
            ),
            model=self.encoder.card.id,
            warnings=signature.warnings,
            reasons=reasons,
            capped_by=capped_by,
            page=signature.page,
            box=signature.region,
        )

    def _noticed(self, signature: Signature, posture: Posture | None, found: Found) -> list[str]:
        """The codes of all that bears on the decision."""
        codes = [*signature.warnings, *([posture.name] if posture else [])]
        if found.identified:
            enrolled = found.contenders[0].references
            righted = posture.signature if posture else signature
            if struck_through(fingerprint(righted), prints_of(enrolled, self.encoder.card)):
                codes.append("struck_through")
        return codes

    def _verified(
        self,
        postures: Postures,
        best: Sequence[Contender],
        judge: Judge,
        rates: Mapping[int, Rates | None],
        glances: Sequence[Decision | None],
    ) -> list[Verification | None]:
        """Of each of the best what a verification says; None where the calibration cannot, and for
        all but the first also where the first look speaks against them."""
        verified: list[Verification | None] = []
        for at, one in enumerate(best):
            asked = rates[len(one.references)]
            if asked is None or (at and glances[at] == "non_match"):
                verified.append(None)
                continue
            examined = self._examine(postures, one.writer, one.references, judge, asked)
            verified.append(examined.answer)
        return verified

    def _examine(
        self,
        postures: Postures,
        writer: str,
        enrolled: Sequence[Reference],
        judge: Judge,
        rates: Rates,
    ) -> Examination:
        card, signature = self.encoder.card, postures.signature
        originals = originals_of(enrolled, card)
        prints = [one.print_of_it for one in originals if one.print_of_it is not None]
        scores = partial(self.own_judge.scores, judge, enrolled=enrolled)
        weighed = weigh(postures, judge, rates, scores, prints)
        shown = fingerprint(weighed.signature)
        copied = copied_among(signature.content_hash, shown, originals, weighed.pairs)
        sources = [reference.source for reference in enrolled]
        answer = verification(signature, writer, weighed, sources, copied, card.id)
        hashes = tuple(reference.content_hash for reference in enrolled)
        readings = readings_of(enrolled, card)
        return Examination(answer, signature, postures.reading, readings, hashes, judge)

    def nearest(self, questioned: Embeddings, candidates: int, where: Where = None) -> Nearest:
        """The writers whom the global reading finds nearest to one questioned signature, all among
        references with the metadata `where`."""
        found = self.index.search(questioned.vectors, candidates, where)
        names = found.writers[0].tolist()
        found_with = zip(names, self.index.references_of(names, where), strict=True)
        # Empty for one who was forgotten since the search.
        held = {name: references for name, references in found_with if references}
        return Nearest(held, found.writer_count)

    def scores(self, judge: Judge, questioned: Embeddings, nearest: Nearest) -> Scores:
        """Of each of the nearest writers, by both readings as `judge` fuses them."""
        return self.own_judge.scores_of(judge, questioned, list(nearest.references.values()))


def _verdict(
    best: Verification | None,
    found: Found,
    search: Search,
    reasons: Sequence[Reason],
    capped_by: Sequence[str],
) -> Verdict:
    """`reasons` and `capped_by` are those of the search."""
    if not found.contenders:
        return unverified("nobody_enrolled")
    whom = found.contenders[0].writer
    if best is None:
        return unverified("not_verified", whom)
    seen, doubts = [*best.reasons, *reasons], [*best.capped_by, *capped_by]
    copied = best.suspected_copy
    return verdict_of(best.decision, best.evidence, seen, doubts, copied, whom, search)


def _candidates(found: Found, verified: Sequence[Verification | None]) -> tuple[Candidate, ...]:
    shown = zip(found.contenders[: len(verified)], verified, strict=True)
    return tuple(
        Candidate(
            writer=one.writer,
            rank=rank,
            score=one.standing.score,
            threshold=one.standing.threshold,
            llr=one.standing.llr,
            reference_count=len(one.references),
            verification=None if answer is None else answer.decision,
        )
        for rank, (one, answer) in enumerate(shown, start=1)
    )
