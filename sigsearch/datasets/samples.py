"""What a dataset is: samples, and what was left out of it and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sigsearch.names import as_text, natural
from sigsearch.schema import Jsonable

if TYPE_CHECKING:
    import numpy as np

    from sigsearch.datasets.pen_data import PenData

Kind = Literal["genuine", "forgery"]


@dataclass(frozen=True, slots=True)
class Sample:
    """One image and what is known of it.

    `writer` is the identity that a questioned signature is compared with. `hand` is who that
    identity belongs to: the same as `writer` except where one hand has several identities
    (Cross-media: ten names each); writers are split into roles, and resampled, by hand.
    """

    path: Path
    writer: str
    kind: Kind
    number: int = 0  # the specimen's number within writer and kind; 0 = unknown
    group: str = ""  # what else tables are broken down by, such as the medium
    id: str = ""  # the name within the dataset, the same on every machine
    hand: str = ""
    text: str = ""  # what is written, where the layout knows it
    script: str = ""
    split: str = ""  # the role that a manifest names
    entry: int | None = None  # the row, for files that hold many images
    metadata: tuple[tuple[str, str], ...] = ()  # what else is kept of it: names and values
    line: int = 0  # of the manifest, from 1; 0 = not from one

    def __post_init__(self) -> None:
        object.__setattr__(self, "hand", self.hand or self.writer)
        object.__setattr__(self, "id", self.id or self.path.name)

    @property
    def genuine(self) -> bool:
        return self.kind == "genuine"

    @property
    def pen_data(self) -> PenData | None:
        """The archive that this is drawn from, for what a tablet took down."""
        from sigsearch.datasets.pen_data import PenData

        held = None if self.entry is None else _entries(self.path)
        return held if isinstance(held, PenData) else None

    @property
    def source(self) -> Path | np.ndarray[Any, Any]:
        """What `sigsearch.imaging.read_signature` takes: a path, or uint8 grey (height, width)."""
        if self.entry is None:
            return self.path
        image: np.ndarray[Any, Any] = _entries(self.path)[self.entry]
        return image.reshape(image.shape[-2:])


@lru_cache(maxsize=2)
def _entries(path: Path) -> np.ndarray[Any, Any] | PenData:
    import numpy as np

    with np.load(path, allow_pickle=False) as archive:
        if "x" in archive:
            stack: np.ndarray[Any, Any] = archive["x"]
            return stack
    from sigsearch.datasets.pen_data import PenData

    return PenData(path)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file or a manifest's row that is not among the samples, and why."""

    path: Path
    reason: str
    line: int = 0  # of the manifest, from 1; 0 = not from one
    failed: bool = False  # it looked like an image or a row, and could not be read

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line else ""
        return f"{where}{as_text(self.path)}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Summary(Jsonable):
    """The counts that tell whether a dataset was understood."""

    name: str
    layout: str
    writer_count: int
    genuine: int
    forgeries: int
    left_out: dict[str, int]  # reason -> files

    def __str__(self) -> str:
        line = (
            f"{self.name} ({self.layout}): {self.writer_count} writers, "
            f"{self.genuine} genuine, {self.forgeries} forgeries"
        )
        if self.left_out:
            line += "; left out " + ", ".join(f"{n} ({why})" for why, n in self.left_out.items())
        return line


@dataclass(frozen=True, slots=True)
class Dataset:
    """Samples in a stable order (by writer, kind, number), with what was left out, and notes on
    how names were read that a person may want to know."""

    name: str
    layout: str
    samples: tuple[Sample, ...]
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    _by_writer: dict[str, tuple[Sample, ...]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.samples, key=_order))
        object.__setattr__(self, "samples", ordered)
        groups: dict[str, list[Sample]] = {}
        for sample in ordered:
            groups.setdefault(sample.writer, []).append(sample)
        self._by_writer.update({writer: tuple(of) for writer, of in groups.items()})

    def __len__(self) -> int:
        return len(self.samples)

    @property
    def writers(self) -> tuple[str, ...]:
        """Every identity, in natural order."""
        return tuple(self._by_writer)

    def of(self, writer: str) -> tuple[Sample, ...]:
        return self._by_writer.get(writer, ())

    def genuine(self, writer: str | None = None) -> tuple[Sample, ...]:
        """Genuine samples of one writer, or of all."""
        among = self.samples if writer is None else self.of(writer)
        return tuple(s for s in among if s.kind == "genuine")

    def forgeries(self, writer: str | None = None) -> tuple[Sample, ...]:
        """Skilled forgeries of one writer, or of all."""
        among = self.samples if writer is None else self.of(writer)
        return tuple(s for s in among if s.kind == "forgery")

    def impostors(self, writer: str) -> tuple[Sample, ...]:
        """Genuine samples of other hands that show the same text: forgers who know the name."""
        own = self.of(writer)
        if not own or not own[0].text:
            return ()
        text, hand = own[0].text, own[0].hand
        return tuple(
            s for s in self.samples if s.text == text and s.hand != hand and s.kind == "genuine"
        )

    def only(self, keep: Callable[[Sample], bool]) -> Dataset:
        """The same dataset with only the samples that `keep` accepts."""
        return replace(self, samples=tuple(s for s in self.samples if keep(s)))

    def without(self, dropped: Iterable[tuple[Sample, str]]) -> Dataset:
        """The same dataset with samples moved to `left_out`, each with its reason."""
        reasons = {(s.path, s.entry): why for s, why in dropped}
        kept = tuple(s for s in self.samples if (s.path, s.entry) not in reasons)
        out = tuple(
            LeftOut(s.path, reasons[s.path, s.entry])
            for s in self.samples
            if (s.path, s.entry) in reasons
        )
        return replace(self, samples=kept, left_out=self.left_out + out)

    def summary(self) -> Summary:
        # A reason may name a file after a colon; files are counted by what comes before it.
        reasons = Counter(item.reason.split(":")[0] for item in self.left_out)
        return Summary(
            self.name,
            self.layout,
            len(self._by_writer),
            len(self.genuine()),
            len(self.forgeries()),
            dict(reasons.most_common()),
        )


def _order(sample: Sample) -> tuple[Any, ...]:
    return natural(sample.writer), sample.kind != "genuine", sample.number, natural(sample.id)
