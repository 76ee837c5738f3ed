"""What follows from a comparison's numbers, whichever way they point."""

from __future__ import annotations

import math

from sigsearch.comparison.outcome import Comparison
from sigsearch.comparison.table import growth, percent, size


def conclusion(found: Comparison) -> list[str]:
    """A sentence or two for each question."""
    said = [_closed(found), _adding(found), _strangers(found), _equal(found), _pairs(found)]
    return [*said, _growth(found)] if len(found.stages) > 1 else said


def _closed(found: Comparison) -> str:
    learnt, enrolled = found.whole.classifier, found.whole.index
    among = f"On a closed set of {found.whole.writer_count} writers"
    ahead = learnt.accuracy - enrolled.rank_1
    if learnt.right == enrolled.right:
        return f"{among} both are right equally often, {percent(learnt.accuracy)}."
    better = "the classifier" if ahead > 0 else "the index"
    # Each share by itself; that both were asked the same questions makes this rather too careful.
    error = math.sqrt(
        sum(p * (1 - p) for p in (learnt.accuracy, enrolled.rank_1)) / max(learnt.questions, 1)
    )
    chance = (
        ", which is within what chance gives with so few questions"
        if abs(ahead) < 2 * error
        else ""
    )
    return (
        f"{among} {better} is right more often, by {abs(ahead) * 100:.1f} points "
        f"({learnt.right} and {enrolled.right} of {learnt.questions}){chance}."
    )


def _adding(found: Comparison) -> str:
    added = found.added
    times = added.retrain.cpu_seconds / max(added.enrol.cpu_seconds, 1e-9)
    return (
        f"Knowing {added.writer_count} more writers takes the classifier {_times(times)} the "
        "work that it takes the index, since it has to be trained on everybody again."
    )


def _strangers(found: Comparison) -> str:
    asked = found.strangers
    if asked.floor_named == asked.index_named:
        as_many = "as many strangers as the index"
    else:
        fewer = asked.floor_named < asked.index_named
        as_many = f"{'fewer' if fewer else 'more'} strangers than the index"
    return (
        "The classifier gives every stranger a name; with a floor under its probability that turns "
        f"away {percent(asked.floor_missed)} of the known writers it still names {as_many}: "
        f"{percent(asked.floor_named)} against {percent(asked.index_named)}. The index was asked "
        f"to name at most {percent(asked.fpir)} and turns away {percent(asked.index_missed)}."
        + _stated_rate(found)
    )


def _stated_rate(found: Comparison) -> str:
    asked = found.strangers
    times = asked.index_named / max(asked.fpir, 1e-9)
    missed = times > 2
    said = f" That is {_times(times)} the stated rate, which does not hold here" if missed else ""
    if not asked.extrapolated:
        return said + "." if said else ""
    if missed:
        return f"{said}: it lies beyond what its calibration shows; recalibrate on data like these."
    return " The stated rate lies beyond what its calibration shows."


def _equal(found: Comparison) -> str:
    asked = found.strangers
    return (
        "Where the threshold names as large a share of strangers as it misses of known writers, "
        f"that share is {percent(asked.classifier_equal)} for the classifier and "
        f"{percent(asked.index_equal)} for the index."
    )


def _pairs(found: Comparison) -> str:
    pairs = found.pairs
    forgeries = (
        ""
        if pairs.skilled_eer is None
        else f" and {percent(pairs.skilled_eer)} against skilled forgeries"
    )
    return (
        "Only the index can compare two signatures, or a signature with a claim. With one "
        f"reference its equal error rate is {percent(pairs.eer)} against other writers{forgeries}."
    )


def _growth(found: Comparison) -> str:
    asked = found.whole
    slower = "the index" if asked.index.ask > asked.classifier.ask else "the classifier"
    times = max(asked.index.ask, asked.classifier.ask) / max(
        min(asked.index.ask, asked.classifier.ask), 1e-9
    )
    learnt = size(growth(found, lambda s: s.classifier.model_bytes))
    enrolled = size(growth(found, lambda s: s.index.index_bytes))
    return (
        f"Each additional writer adds {learnt} to the classifier and {enrolled} to the index. With "
        f"all of them a question takes {slower} {_times(times)} as long."
    )


def _times(value: float) -> str:
    return f"{value:.1f} times" if value < 10 else f"{value:.0f} times"
