"""The comparison as a table for people, and what follows from its numbers."""

from __future__ import annotations

from collections.abc import Iterator

from sigsearch.comparing.results import Comparison, Cost

HEADS = ("", "classifier", "index")
Row = tuple[str, str, str]


def rows(found: Comparison) -> list[Row]:
    """What is measured, for the classifier, for the index."""
    return [*_closed(found), *_adding(found), *_open(found), *_growth(found)]


def _closed(found: Comparison) -> Iterator[Row]:
    learnt, enrolled = found.whole.classifier, found.whole.index
    yield (
        f"closed set: right among {found.whole.writers} writers, {learnt.questions} questions",
        f"{percent(learnt.accuracy)} ({learnt.right})",
        f"{percent(enrolled.rank_1)} ({enrolled.right})",
    )
    yield (
        "the same, and sure enough to be identified",
        "says a name always",
        f"{percent(1 - enrolled.missed)} ({enrolled.identified})",
    )
    yield ("until all writers are known", cost(learnt.train), cost(enrolled.enrol))
    yield ("one question", span(learnt.ask), span(enrolled.ask))


def _adding(found: Comparison) -> Iterator[Row]:
    added = found.added
    yield (
        f"adding {added.writers} writers",
        f"trains anew: {cost(added.retrain)}",
        f"enrols: {cost(added.enrol)}",
    )
    yield (
        f"right about those {added.writers}, {added.questions} questions",
        percent(added.classifier_right / max(added.questions, 1)),
        percent(added.index_right / max(added.questions, 1)),
    )


def _open(found: Comparison) -> Iterator[Row]:
    asked, pairs = found.strangers, found.pairs
    yield (
        f"strangers given a name, {asked.questions} questions",
        f"{percent(asked.classifier_named)}, on average {percent(asked.classifier_sure)} sure",
        f"{percent(asked.index_named)} (stated: {percent(asked.fpir)})",
    )
    yield (
        "strangers given a name, at the same share of known writers turned away",
        f"{percent(asked.floor_named)} (turned away: {percent(asked.floor_missed)}; "
        f"below {percent(asked.floor)} probability it is made to say unknown)",
        f"{percent(asked.index_named)} (turned away: {percent(asked.index_missed)})",
    )
    yield (
        "threshold moved until as many strangers are named as known writers missed",
        percent(asked.classifier_equal),
        percent(asked.index_equal),
    )
    yield (
        f"two signatures, one hand? against other writers, {pairs.genuine} + {pairs.random} pairs",
        "cannot be asked",
        f"EER {percent(pairs.eer)}",
    )
    if pairs.skilled_eer is not None:
        yield (
            f"two signatures, one hand? against skilled forgeries, {pairs.skilled} pairs",
            "cannot be asked",
            f"EER {percent(pairs.skilled_eer)}",
        )


def _growth(found: Comparison) -> Iterator[Row]:
    yield (
        "the network, once",
        "grows with the writers, below",
        f"{size(found.encoder_bytes)} of encoder, for any number of writers",
    )
    for stage in found.stages:
        yield (
            f"size and time with {stage.writers} writers",
            f"{size(stage.classifier.model_bytes)}, {cost(stage.classifier.train)}",
            f"{size(stage.index.index_bytes)}, {cost(stage.index.enrol)}",
        )


def conclusion(found: Comparison) -> list[str]:
    """Sentences that follow from the numbers, whichever way they point."""
    learnt, enrolled, asked = found.whole.classifier, found.whole.index, found.strangers
    ahead = learnt.accuracy - enrolled.rank_1
    better = "the classifier" if ahead > 0 else "the index"
    closed = (
        f"On a closed set of {found.whole.writers} writers {better} is right more often, by "
        f"{abs(ahead) * 100:.1f} points."
        if abs(ahead) >= 0.0005
        else f"On a closed set of {found.whole.writers} writers both are right equally often."
    )
    times = found.added.retrain.cpu_seconds / max(found.added.enrol.cpu_seconds, 1e-9)
    beyond = (
        " That rate lies beyond what its calibration shows"
        + (": recalibrate on data like these." if asked.index_named > 2 * asked.fpir else ".")
        if asked.extrapolated
        else ""
    )
    floor = (
        "fewer strangers than the index"
        if asked.floor_named < asked.index_named
        else "more strangers than the index"
        if asked.floor_named > asked.index_named
        else "as many strangers as the index"
    )
    return [
        closed,
        f"Knowing {found.added.writers} more writers takes the classifier {times:.0f} times the "
        "work that it takes the index, since it has to be trained on everybody again.",
        "The classifier gives every stranger a name; with a floor under its probability that turns "
        f"away {percent(asked.floor_missed)} of the known writers it still names {floor}: "
        f"{percent(asked.floor_named)} against {percent(asked.index_named)}. The index was asked "
        f"to name at most {percent(asked.fpir)} and turns away {percent(asked.index_missed)}."
        + beyond,
        "With either threshold moved until strangers named and known writers missed are equally "
        f"many, that is {percent(asked.classifier_equal)} for the classifier and "
        f"{percent(asked.index_equal)} for the index.",
        "Only the index can compare two signatures, or a signature with a claim.",
    ]


def percent(rate: float) -> str:
    return f"{100 * rate:.2f} %" if 0 < rate < 0.1 else f"{100 * rate:.1f} %"


def cost(spent: Cost) -> str:
    return str(spent)


def span(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.1f} s"


def size(count: int) -> str:
    return f"{count / 1e6:.1f} MB"
