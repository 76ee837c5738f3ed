"""What a comparison of the two approaches found. Rates are 0..1, None where not measured."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from sigsearch.classifier.split import SplitSummary
from sigsearch.schema import Jsonable


@dataclass(frozen=True, slots=True)
class Cost:
    """seconds: by the clock; cpu_seconds: the work, summed over cores, which a busy machine does
    not stretch."""

    seconds: float
    cpu_seconds: float

    def __str__(self) -> str:
        return f"{_seconds(self.seconds)} ({_seconds(self.cpu_seconds)} of work)"


@dataclass(frozen=True, slots=True)
class ClassifierStage:
    """A classifier trained on so many writers. train: reading the images not counted; model_bytes:
    of the network; ask: seconds a question."""

    writer_count: int
    images: int
    epochs: int
    train: Cost
    model_bytes: int
    questions: int
    right: int
    ask: float

    @property
    def accuracy(self) -> float:
        return self.right / max(self.questions, 1)


@dataclass(frozen=True, slots=True)
class IndexStage:
    """An index of the same writers. enrol: reading, encoding and storing all references;
    index_bytes: on disk; right: questions whose first candidate is the writer (rank-1); identified:
    those of them that reach the threshold; ask: seconds a question."""

    writer_count: int
    reference_count: int
    enrol: Cost
    index_bytes: int
    questions: int
    right: int
    identified: int
    ask: float

    @property
    def rank_1(self) -> float:
        return self.right / max(self.questions, 1)

    @property
    def missed(self) -> float:
        """FNIR: enrolled writers' signatures that are called unknown or somebody else's."""
        return 1 - self.identified / max(self.questions, 1)


@dataclass(frozen=True, slots=True)
class Stage:
    """Both approaches with the same writers."""

    classifier: ClassifierStage
    index: IndexStage

    @property
    def writer_count(self) -> int:
        return self.index.writer_count


@dataclass(frozen=True, slots=True)
class Added:
    """What it costs until `writer_count` more are known, and how well they are then: the classifier
    is trained again on everybody, the index enrols the newcomers."""

    writer_count: int
    retrain: Cost
    enrol: Cost
    questions: int
    classifier_right: int
    index_right: int


@dataclass(frozen=True, slots=True)
class Strangers:
    """Writers whom neither approach knows. classifier_named is every question by construction;
    classifier_sure: the mean probability of the name it gives. With a floor under the probability,
    set on validation images so that it turns away `floor_missed` of the known writers' test
    signatures, it still names `floor_named` of the strangers. The index names `index_named`, at a
    stated `fpir`, and misses `index_missed` of the known writers' (see IndexStage.missed);
    `extrapolated` when that rate lies beyond what its calibration set shows. classifier_equal and
    index_equal: where the threshold is moved until as many strangers are named as known writers are
    missed, what that rate is. No calibration takes part in it."""

    questions: int
    classifier_named: float
    classifier_sure: float
    floor: float
    floor_missed: float
    floor_named: float
    fpir: float
    index_missed: float
    index_named: float
    extrapolated: bool
    classifier_equal: float
    index_equal: float


@dataclass(frozen=True, slots=True)
class Pairs:
    """Are two signatures by one hand? Asked of writers whom the index does not know; `eer` against
    other writers' signatures, `skilled_eer` against forgeries, where the data has any."""

    writer_count: int
    genuine: int
    random: int
    skilled: int
    eer: float
    skilled_eer: float | None
    seconds: float


@dataclass(frozen=True, slots=True)
class ClosedSet:
    """Accuracy of both with all writers."""

    classifier: float
    index: float


@dataclass(frozen=True, slots=True)
class Comparison(Jsonable):
    """`stages` by growing number of writers; the last has them all. encoder_bytes: of the encoder's
    network, which comes on top of the index, once for any number of writers."""

    decimals: ClassVar[int | None] = 6

    data: SplitSummary
    encoder: str
    encoder_bytes: int
    encoder_trained_on: tuple[str, ...]
    stages: tuple[Stage, ...]
    added: Added
    strangers: Strangers
    pairs: Pairs
    machine: str
    closed_set: ClosedSet = field(init=False)

    def __post_init__(self) -> None:
        whole = self.whole
        rates = ClosedSet(whole.classifier.accuracy, whole.index.rank_1)
        object.__setattr__(self, "closed_set", rates)

    @property
    def whole(self) -> Stage:
        return self.stages[-1]


def _seconds(value: float) -> str:
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.1f} s"
