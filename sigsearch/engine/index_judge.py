"""An index's own judge: by the calibration and the population that its settings hold."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sigsearch.arrays import Floats, Singles
from sigsearch.encoder import Embeddings, Encoder
from sigsearch.engine.agreement import agreement_of
from sigsearch.engine.judge import Judge, Scores
from sigsearch.engine.survey import SETTING as POPULATION_SETTING
from sigsearch.engine.survey import measure_population, read_population
from sigsearch.engine.template import readings_of
from sigsearch.errors import IndexBusy, IndexFull
from sigsearch.index.index import Index
from sigsearch.index.records import Reference
from sigsearch.matching.calibration import CalibrationSet
from sigsearch.matching.population import Population

CALIBRATION_SETTING = "calibration"
KEPT_AGREEMENTS = 10_000  # writers: a few hundred bytes each


@dataclass(frozen=True, slots=True)
class _Weighing:
    """The judge that the index's settings make, and the state of the store they were read from."""

    token: bytes
    settings: tuple[dict[str, Any] | None, dict[str, Any] | None]  # calibration, population
    judge: Judge


class OwnJudge:
    """The judge of `index` as it is now, read anew when the store has changed. Raises
    CalibrationError where the calibration cannot be read."""

    def __init__(self, index: Index, encoder: Encoder) -> None:
        self.index = index
        self.encoder = encoder
        self._weighing = self._read(None, index.state().token)
        self._agreements: dict[bytes, Singles] = {}

    @property
    def current(self) -> Judge:
        """By what the index holds now, whoever put it there. Raises CalibrationError."""
        return self._current(self.index.state().token)

    def _current(self, token: bytes) -> Judge:
        """By what the index holds in the state of this token, or a later one."""
        weighing = self._weighing
        if weighing.token != token:
            weighing = self._weighing = self._read(weighing, token)
        return weighing.judge

    def _read(self, known: _Weighing | None, token: bytes) -> _Weighing:
        """`known` brought up to date; most changes are no changes of the settings."""
        index = self.index
        settings = index.setting(CALIBRATION_SETTING), index.setting(POPULATION_SETTING)
        if known is not None and known.settings == settings:
            return replace(known, token=token)
        own, population = settings
        judge = Judge.of(self.encoder, CalibrationSet.from_dict(own) if own else None)
        judge = replace(judge, population=read_population(population, judge.calibrations))
        return _Weighing(token, settings, judge)

    def recalibrate(self, calibrations: CalibrationSet) -> None:
        """Keep `calibrations` in the index. Raises CalibrationError for another encoder's."""
        Judge.of(self.encoder, calibrations)
        self.index.put_setting(CALIBRATION_SETTING, calibrations.to_dict())

    def measure_population(self) -> Population | None:
        """Measure the population and judge by it from now on; None where nothing is shown."""
        judge = self.current

        def weigh(questioned: Embeddings, writers: Sequence[Sequence[Reference]]) -> Scores:
            return self.scores_of(judge, questioned, writers)

        found = measure_population(self.index, self.encoder.card, judge.calibrations, weigh)
        if found is not None:
            # Not kept, it is good for this process, and measured again when the index grows.
            with suppress(IndexBusy, IndexFull), self.index.writing():
                if self._calibrated_as(judge):
                    self.index.put_setting(POPULATION_SETTING, found.to_setting())
        if self._calibrated_as(judge):
            weighing = self._weighing
            self._weighing = replace(weighing, judge=replace(judge, population=found))
        return self.current.population

    def _calibrated_as(self, judge: Judge) -> bool:
        """Whether nobody has calibrated the index anew since `judge` was its judge."""
        return self.current.calibrations.identity == judge.calibrations.identity

    def follow_growth(self) -> None:
        """`measure_population`, if the index has grown or shrunk by half since or never was
        measured."""
        state = self.index.state()
        known = self._current(state.token).population
        if known is None or known.outgrown(state.writer_count, state.reference_count):
            self.measure_population()

    def scores_of(
        self, judge: Judge, questioned: Embeddings, writers: Sequence[Sequence[Reference]]
    ) -> Scores:
        """The scores of one questioned signature with each of many writers' references. All are
        compared at once, which takes a third less."""
        if not writers:
            return Scores([], [])
        everybody = readings_of([one for held in writers for one in held], self.encoder.card)
        ends = np.cumsum([len(held) for held in writers])
        found = np.split(judge.likenesses(questioned, everybody), ends[:-1], axis=1)
        groups = (everybody[end - len(held) : end] for end, held in zip(ends, writers, strict=True))
        known = [
            (likeness, self._agreement(judge, readings, held))
            for likeness, readings, held in zip(found, groups, writers, strict=True)
        ]
        verified = [float(judge.fuse(*one)[0]) for one in known]
        if not judge.calibrations.searches:
            return Scores(verified, verified)
        return Scores(verified, [float(judge.fuse_for_search(*one)[0]) for one in known])

    def scores(
        self, judge: Judge, questioned: Embeddings, enrolled: Sequence[Reference]
    ) -> tuple[Floats, Singles]:
        """The scores (n,) of n questioned signatures, and those of the pairs (n, R), as `judge`
        (`current` when the question was put) fuses them; how well the references agree is kept with
        them, or found out once."""
        readings = readings_of(enrolled, self.encoder.card)
        return judge.fused(questioned, readings, self._agreement(judge, readings, enrolled))

    def _agreement(
        self, judge: Judge, readings: Embeddings, enrolled: Sequence[Reference]
    ) -> Singles:
        key = readings.vectors[:, :8].tobytes()
        own = self._agreements.get(key)
        if own is None:
            if len(self._agreements) >= KEPT_AGREEMENTS:
                self._agreements.clear()
            known = agreement_of(enrolled, self.encoder.card)
            own = self._agreements[key] = judge.own_scores(readings, known)
        return own
