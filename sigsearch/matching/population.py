"""What an index knows of its own population: how near its writers come to one another.

A calibration was fitted elsewhere, and populations differ: in some, people sign alike. But every
reference of an index is a stranger to all writers but its own, so asking the references of one
another shows, without a label, how near strangers come *here*. Scores enter as rarities (see
`RateTable.rarity`), which are on one scale for all numbers of references; where the population is
that of the calibration, the rarities of comparisons are exponential and the best of N less log N
follows Gumbel's law. The best less what rivals take off (`matching.rivals`) grows by a smaller
share of log N and lies a little higher. Both tails below are what is left to say: there they are
the identity, that of the best from STRANGERS_LEAD on, but for the bend that few writers ask for.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from sigsearch.arrays import Floats, Ids
from sigsearch.errors import CalibrationError
from sigsearch.matching.rates import RAREST, check_rate, rarer
from sigsearch.matching.rivals import SHARE, STRANGERS_LEAD, crowd
from sigsearch.schema import Jsonable

LEAST_WRITERS, LEAST_ASKED = 10, 30
"""With fewer the calibration alone is used: measured on validation and training writers, what so
few show is farther off than another population's rates are."""
# Chosen on validation and training writers, too (docs/research/2026-11-28-decisions.md):
_WRITERS_WORTH = 5  # how many writers the calibration's population weighs
_UPPER_PAIRS = 0.8  # the line of single comparisons goes through what lies above this quantile
_UPPER_BEST, _LEAST_BEST = 0.9, 20  # that of the best above this one, or through so many where more
_OWN_MISSED, _BEYOND = 0.1, 0.5  # see `Population._no_further`
_STATED = 0.01
_DOUBTED = 0.1  # pairs of writers, to a writer, whose labels may be in doubt
_LEVELS = np.linspace(0, 1, 41)


@dataclass(frozen=True, slots=True)
class Asked:
    """One reference, asked of everybody but its writer: rival, who came nearest; best, at what
    rarity; behind, the rarities of those who came next, nearest first; own, that of its score with
    its writer's other references (NaN without any), all as a search scores; others, those with
    other writers drawn at random, as a verification scores; copied: it is a copy of one of the
    rival's."""

    writer: str
    rival: str
    best: float
    own: float
    others: tuple[float, ...]
    copied: bool = False
    behind: tuple[float, ...] = ()

    @property
    def lead(self) -> float:
        """The rarity of the nearest, less its crowding."""
        return self.best - crowd(self.behind)

    @property
    def own_lead(self) -> float:
        """That of the writer's own other references, likewise."""
        return self.own - crowd((self.best, *self.behind))


@dataclass(frozen=True, slots=True)
class Tail(Jsonable):
    """What a rarity in the calibration's population corresponds to here: start + rise * rarity, by
    a line through the upper end of a quantile plot.

    That end is the work of `writer_count` writers, from the law's value `above` on. How steep it is
    is known by so many only: so beyond `above` the line bends upwards (`rarer`). `writer_count` 0:
    as if known.
    """

    decimals: ClassVar[int | None] = None

    start: float = 0.0
    rise: float = 1.0
    above: float = 0.0
    writer_count: int = 0

    def at(self, value: float) -> float:
        beyond = value - self.above
        if self.writer_count and beyond > 0:
            value = self.above + rarer(beyond, self.writer_count)
        return self.start + self.rise * value


@dataclass(frozen=True, slots=True)
class Population(Jsonable):
    """Measured in an index of `writer_count` writers with `reference_count` references, of which
    `asked` were asked and `set_aside` left out (labels in doubt).

    best: for the best of all writers, less (1 - rivals) times the log of their number; pairs: for
    a comparison with a writer at random; own: quantiles of the rarity of writers' own references,
    or empty; calibration: `CalibrationSet.identity` of what made the rarities; nearest: the rarity
    at which the nearest stranger came, infinite where that was not kept; rivals: which share of the
    rarities of those who come next was taken off `best`, `own` and `nearest` (`matching.rivals`), 0
    in an index that was measured before that was done.
    """

    decimals: ClassVar[int | None] = None

    writer_count: int
    reference_count: int
    asked: int
    set_aside: int
    comparisons: int
    best: Tail
    pairs: Tail
    own: tuple[float, ...]
    calibration: str
    nearest: float = math.inf
    rivals: float = 0.0

    @property
    def name(self) -> str:
        doubted = f", {self.set_aside} of them set aside" if self.set_aside else ""
        return f"this index ({self.writer_count} writers, {self.asked} references{doubted})"

    def rarity_for_fpir(self, fpir: float, writers: int) -> float:
        """How rare a comparison must be, beyond its crowding, so that a gallery of `writers`
        writers like these gives a name to a share `fpir` of strangers."""
        check_rate(fpir)
        larger = (1 - self.rivals) * float(np.log(max(writers, 1)))
        return min(larger + self.best.at(_gumbel(fpir)), self._no_further(fpir))

    def _no_further(self, fpir: float) -> float:
        """The largest rarity to ask for at a rate of which so few writers cannot speak.

        Two of ten writers who sign alike send the line through the nearest strangers beyond what
        most writers' own signatures reach. Where nothing was seen, neither error is known: so the
        threshold leaves alone nine tenths of the references, as long as it lies above the nearest
        stranger. Tried on galleries of 10 to 40 training writers: the FPIR stays at what is stated.
        """
        if self.supports_fpir(fpir) or not self.own:
            return math.inf
        missed = float(np.interp(_OWN_MISSED, _LEVELS, self.own))
        stricter = max(_gumbel(fpir) - _gumbel(_STATED), 0.0)
        return max(missed, self.nearest + _BEYOND) + stricter

    def fmr_for_fmr(self, fmr: float) -> float:
        """The false match rate by the calibration that is `fmr` among writers like these."""
        check_rate(fmr)
        return rate_of(self.pairs.at(float(-np.log(fmr))))

    def fnir(self, rarity: float) -> float | None:
        """The share of the references whose writers' other references would not reach this rarity
        beyond their crowding; None where nobody has two."""
        if not self.own:
            return None
        return float(np.interp(rarity, self.own, _LEVELS, left=0.0, right=1.0))

    def supports_fpir(self, fpir: float) -> bool:
        """Whether enough writers were asked to speak of this rate (rule of three): signatures of
        one writer come near the same strangers."""
        return fpir >= 3 / min(self.writer_count, self.asked)

    def outgrown(self, writers: int, references: int, factor: float = 1.5) -> bool:
        """Whether the index has become larger or smaller by `factor` since."""
        now, then = (writers, references), (self.writer_count, self.reference_count)
        grown = [a / max(b, 1) for a, b in zip(now, then, strict=True)]
        return max(grown) >= factor or min(grown) <= 1 / factor

    def to_setting(self) -> dict[str, Any]:
        """As an index keeps it."""
        document = _stored(self.to_dict())
        if math.isinf(self.nearest):
            del document["nearest"]
        return document | {name: _stored(document[name]) for name in ("best", "pairs")}

    @classmethod
    def from_setting(cls, document: Mapping[str, Any]) -> Population:
        """Raises CalibrationError for what `to_setting` did not give."""
        try:
            values: dict[str, Any] = {
                name: int(document[_STORED.get(name, name)]) for name in _COUNTS
            }
            for name in ("best", "pairs"):
                line = document[name]
                start, rise, above = (float(line[key]) for key in ("start", "rise", "above"))
                values[name] = Tail(start, rise, above, int(line["writers"]))
            own = tuple(float(value) for value in document["own"])
            optional = {"nearest": math.inf, "rivals": 0.0}
            values |= {name: float(document.get(name, of)) for name, of in optional.items()}
            return cls(**values, own=own, calibration=str(document["calibration"]))
        except (KeyError, TypeError, ValueError) as fault:
            raise CalibrationError(f"a population cannot be read ({fault})") from None


_COUNTS = ("writer_count", "reference_count", "asked", "set_aside", "comparisons")
_STORED = {"writer_count": "writers", "reference_count": "references"}
"""What an index's settings call these fields."""


def _stored(document: Mapping[str, Any]) -> dict[str, Any]:
    return {_STORED.get(name, name): value for name, value in document.items()}


def fit_population(
    asked: Sequence[Asked], *, writers: int, references: int, calibration: str
) -> Population | None:
    """What the index shows, or None where it is too small to show anything.

    Copies, and pairs of writers in which a reference lies nearer to the other's than to its own
    writer's (a wrong label, one person under two names), are set aside: one to ten writers at most.
    """
    if writers < LEAST_WRITERS or len(asked) < LEAST_ASKED:
        return None
    doubted = _doubted(asked, writers)
    kept = [one for one in asked if not (one.copied or _pair(one) in doubted)]
    if len(kept) < LEAST_ASKED:
        return None
    # Asked of the others, so of one writer less than a stranger would be.
    best = np.array([one.lead for one in kept]) - (1 - SHARE) * np.log(writers - 1)
    who = np.unique([one.writer for one in kept], return_inverse=True)[1]
    pairs = np.array([rarity for one in kept for rarity in one.others])
    whose = np.repeat(who, [len(one.others) for one in kept])
    own = np.array([one.own_lead for one in kept])
    own = own[~np.isnan(own)]
    weight = writers / (writers + _WRITERS_WORTH)
    return Population(
        writer_count=writers,
        reference_count=references,
        asked=len(kept),
        set_aside=len(asked) - len(kept),
        comparisons=len(pairs),
        best=_tail(best, who, _upper(len(best)), _gumbels, weight, STRANGERS_LEAD),
        pairs=_tail(pairs, whose, _UPPER_PAIRS, lambda share: -np.log1p(-share), weight),
        own=tuple(np.quantile(own, _LEVELS).round(4).tolist()) if len(own) else (),
        calibration=calibration,
        nearest=float(max(one.lead for one in kept)),
        rivals=SHARE,
    )


def _doubted(asked: Sequence[Asked], writers: int) -> set[frozenset[str]]:
    """Pairs of writers one of whom may have the other's signatures: those with most to say for it,
    one pair to ten writers. Where there are more, that is what the population is like."""
    lead: dict[frozenset[str], float] = defaultdict(float)
    for one in asked:
        if one.best > one.own:
            lead[_pair(one)] += one.best - one.own
    strongest = sorted(lead, key=lambda pair: (-lead[pair], sorted(pair)))
    return set(strongest[: max(int(_DOUBTED * writers), 1)])


def _pair(one: Asked) -> frozenset[str]:
    return frozenset((one.writer, one.rival))


def _upper(count: int) -> float:
    """The quantile above which the nearest rivals are heeded: what matters are those who come near,
    and a line through all would miss them where populations hold a few of them."""
    return min(_UPPER_BEST, max(0.5, 1 - _LEAST_BEST / count))


def _tail(
    rarities: Floats,
    who: Ids,
    above: float,
    law: Callable[[Floats], Floats],
    weight: float,
    start_there: float = 0.0,
) -> Tail:
    """A straight line through the upper part of the quantile plot of `rarities` (n,) against a law,
    drawn by 1 - weight towards that of the calibration's population, which rises by one from
    `start_there`; `who` (n,) numbers the writers they come from."""
    order = np.argsort(rarities, kind="stable")
    # One more from the same law exceeds the k-th of n with probability 1 - k / (n + 1), whatever
    # the law (Weibull 1939): what is asked for is such a rate.
    share = (np.arange(len(order)) + 1) / (len(order) + 1)
    upper = share > above
    rise, start = np.polyfit(law(share[upper]), rarities[order[upper]], 1)
    return Tail(
        start=float(weight * start + (1 - weight) * start_there),
        rise=float(weight * rise + 1 - weight),
        above=float(law(np.array(above))),
        writer_count=len(np.unique(who[order[upper]])),
    )


def _gumbel(rate: float) -> float:
    """What the largest of many exponential values, less the log of their number, exceeds at a
    `rate`."""
    return float(_gumbels(np.array(1 - rate)))


def _gumbels(share: Floats) -> Floats:
    """The quantiles of that law."""
    return np.asarray(-np.log(-np.log(share)))


def rate_of(rarity: float) -> float:
    """A rarity as a false match rate that a table can be asked for."""
    return float(np.exp(-np.clip(rarity, np.log(2.0), RAREST)))
