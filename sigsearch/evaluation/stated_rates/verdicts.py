"""What becomes of signatures: how many genuine ones, imitations and strangers' are accepted, sent
to review and rejected, by the product as it answers anybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory

import numpy as np

from sigsearch.datasets import Dataset, Sample
from sigsearch.encoder import Encoder
from sigsearch.engine.answering import DEFAULT_CANDIDATES
from sigsearch.engine.enrolment import Specimen
from sigsearch.engine.questions import Asked as Search
from sigsearch.engine.results import Identification, Verification
from sigsearch.engine.second_look import Postures
from sigsearch.engine.signature_index import SignatureIndex
from sigsearch.errors import ImageError
from sigsearch.evaluation.stated_rates.measured import VerdictsGiven
from sigsearch.imaging import read_signature
from sigsearch.matching.gallery import DEFAULT_FPIR
from sigsearch.matching.strength import DEFAULT_STRENGTH
from sigsearch.trials.features import Progress

KINDS = ("genuine", "skilled", "stranger")
MOST_WRITERS = 30  # of a set: two thirds are enrolled, the others are strangers
_SHARE = 2 / 3
_ROUNDING = 1e-3


@dataclass(frozen=True, slots=True)
class Claim:
    """A signature, the enrolled writer that it is presented as, and what it truly is."""

    sample: Sample
    writer: str
    kind: str


@dataclass(slots=True)
class _Tally:
    answers: Counter[str] = field(default_factory=Counter)
    weak: int = 0
    copies: int = 0
    others: int = 0

    def add(
        self, claim: Claim, answer: Verification | Identification, theirs: Verification
    ) -> None:
        self.answers[answer.verdict.answer] += 1
        self.copies += theirs.suspected_copy is not None
        if answer.accepted:
            ratio = 10**theirs.evidence.llr
            self.weak += ratio < DEFAULT_STRENGTH - _ROUNDING
            self.others += isinstance(answer, Identification) and answer.writer != claim.writer


def verdicts_given(
    used: Dataset,
    encoder: Encoder,
    references: Sequence[int],
    each: int,
    seed: int = 0,
    progress: Progress | None = None,
) -> list[VerdictsGiven]:
    """For each number of references, of `each` signatures of every kind: each is presented as an
    enrolled writer's (`verify`), and looked for among all who are enrolled (`query`)."""
    enrolled, claims = _drawn(used, max(references), each, seed)
    if not enrolled or not claims:
        return []
    found = []
    questions = list(_read(claims, encoder))
    for number in (n for n in references if all(len(rows) >= n for rows in enrolled.values())):
        with TemporaryDirectory() as folder, SignatureIndex.create(folder + "/i", encoder) as index:
            index.enrol_all(
                Specimen(writer, sample.source, name=sample.id)
                for writer, samples in enrolled.items()
                for sample in samples[:number]
            )
            tallies = {(q, k): _Tally() for q in ("verify", "query") for k in KINDS}
            held = {writer.name for writer in index.index.writers()}  # not whose images are refused
            asked = [question for question in questions if question[0].writer in held]
            for at, (claim, postures) in enumerate(asked):
                if progress is not None:
                    progress(f"verdicts of {used.name}, {number} enrolled", at, len(asked))
                verified, found_by = _ask(index, claim, postures)
                tallies["verify", claim.kind].add(claim, verified, verified)
                theirs = found_by.verification or verified
                tallies["query", claim.kind].add(claim, found_by, theirs)
        found += [
            _line(used.name, question, kind, number, len(enrolled), tally)
            for (question, kind), tally in tallies.items()
            if tally.answers
        ]
    return found


def _drawn(
    used: Dataset, references: int, each: int, seed: int
) -> tuple[dict[str, list[Sample]], list[Claim]]:
    """The writers to enrol with their references, and the claims; as many references as all of them
    leave a signature beside, if that is fewer."""
    random = np.random.default_rng(seed)
    hands = random.permutation(sorted({s.hand for s in used.samples if s.genuine})).tolist()
    hands = hands[:MOST_WRITERS]
    inside = set(hands[: round(_SHARE * len(hands))])
    outside = set(hands) - inside
    own: dict[str, list[Sample]] = {}
    strangers: list[Sample] = []
    for writer in used.writers:
        genuine = used.genuine(writer)
        if genuine and genuine[0].hand in inside and len(genuine) > 1:
            own[writer] = [genuine[n] for n in random.permutation(len(genuine))]
        elif genuine and genuine[0].hand in outside:
            strangers += genuine
    if not own:
        return {}, []
    most = min(references, min(len(samples) for samples in own.values()) - 1)
    names = list(own)
    genuine_claims = [
        Claim(sample, writer, "genuine") for writer in names for sample in own[writer][references:]
    ] or [Claim(sample, writer, "genuine") for writer in names for sample in own[writer][most:]]
    imitations = [
        Claim(sample, writer, "skilled")
        for writer in names
        for sample in used.forgeries(writer) or used.impostors(writer)
    ]
    foreign = [
        Claim(sample, names[n % len(names)], "stranger") for n, sample in enumerate(strangers)
    ]
    claims = []
    for kind in (genuine_claims, imitations, foreign):
        chosen = random.permutation(len(kind))[:each]
        claims += [kind[n] for n in sorted(chosen)]
    return {writer: samples[:most] for writer, samples in own.items()}, claims


def _read(claims: Sequence[Claim], encoder: Encoder) -> Iterator[tuple[Claim, Postures]]:
    for claim in claims:
        try:
            signature = read_signature(claim.sample.source)
        except ImageError:  # refused by both commands, which is no verdict
            continue
        yield claim, Postures(signature, encoder)


def _ask(
    index: SignatureIndex, claim: Claim, postures: Postures
) -> tuple[Verification, Identification]:
    search = Search(1, DEFAULT_FPIR, DEFAULT_CANDIDATES)
    found = index.identify_postures(postures, search)
    best = found.verification
    if best is not None and best.writer == claim.writer:
        return best, found
    return index.examine_postures(postures, claim.writer).answer, found


def _line(
    name: str, question: str, kind: str, references: int, writers: int, tally: _Tally
) -> VerdictsGiven:
    answers = tally.answers
    return VerdictsGiven(
        set=name,
        question=question,
        kind=kind,
        references=references,
        writers=writers,
        asked=answers.total(),
        accepted=answers["accepted"],
        review=answers["review"],
        rejected=answers["rejected"],
        below_strength=tally.weak,
        suspected_copies=tally.copies,
        named_another=tally.others,
    )
