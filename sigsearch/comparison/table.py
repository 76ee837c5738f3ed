"""The comparison as tables for people."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sigsearch.comparison.outcome import Comparison, Cost, Stage

HEADS = ("", "classifier", "index")
Row = tuple[str, str, str]


def sections(found: Comparison) -> dict[str, list[Row]]:
    """Question -> what is measured, for the classifier, for the index."""
    return {
        "Who of the known writers signed?": list(_closed(found)),
        "What do newcomers cost?": list(_adding(found)),
        "What happens to strangers?": list(_strangers(found)),
        "Are two signatures by one hand?": list(_pairs(found)),
        "How do size and time grow?": list(_growth(found)),
    }


def rows(found: Comparison) -> list[Row]:
    """All of them as one table."""
    return [row for section in sections(found).values() for row in section]


def _closed(found: Comparison) -> Iterator[Row]:
    learnt, enrolled = found.whole.classifier, found.whole.index
    yield (
        f"closed set: right among {found.whole.writer_count} writers, {learnt.questions} questions",
        f"{percent(learnt.accuracy)} ({learnt.right})",
        f"{percent(enrolled.rank_1)} ({enrolled.right})",
    )
    yield (
        "the same, and above the index's threshold",
        "always names somebody",
        f"{percent(1 - enrolled.missed)} ({enrolled.identified})",
    )
    yield ("until all writers are known", cost(learnt.train), cost(enrolled.enrol))
    yield ("one question", span(learnt.ask), span(enrolled.ask))


def _adding(found: Comparison) -> Iterator[Row]:
    added = found.added
    yield (
        f"adding {added.writer_count} writers",
        f"is trained again: {cost(added.retrain)}",
        f"enrols: {cost(added.enrol)}",
    )
    yield (
        f"right about those {added.writer_count}, {added.questions} questions",
        percent(added.classifier_right / max(added.questions, 1)),
        percent(added.index_right / max(added.questions, 1)),
    )


def _strangers(found: Comparison) -> Iterator[Row]:
    asked = found.strangers
    yield (
        f"strangers given a name, {asked.questions} questions",
        f"{percent(asked.classifier_named)}, on average {percent(asked.classifier_sure)} sure",
        f"{percent(asked.index_named)} (stated: {percent(asked.fpir)})",
    )
    yield (
        "the same, with a floor under the classifier's probability that turns away about as many "
        "known writers",
        f"{percent(asked.floor_named)} (floor: {percent(asked.floor)}; known writers turned away: "
        f"{percent(asked.floor_missed)})",
        f"{percent(asked.index_named)} (known writers turned away: {percent(asked.index_missed)})",
    )
    yield (
        "equal error: at the threshold where the share of strangers named is that of known writers "
        "missed",
        percent(asked.classifier_equal),
        percent(asked.index_equal),
    )


def _pairs(found: Comparison) -> Iterator[Row]:
    pairs = found.pairs
    yield (
        f"one reference, against other writers, {pairs.genuine} + {pairs.random} pairs",
        "cannot be asked",
        f"EER {percent(pairs.eer)}",
    )
    if pairs.skilled_eer is not None:
        yield (
            f"one reference, against skilled forgeries, {pairs.genuine} + {pairs.skilled} pairs",
            "cannot be asked",
            f"EER {percent(pairs.skilled_eer)}",
        )


def _growth(found: Comparison) -> Iterator[Row]:
    yield (
        "the network",
        "trained again at each step",
        f"{size(found.encoder_bytes)} for the encoder, once, beside the sizes below",
    )
    for stage in found.stages:
        yield (
            f"with {stage.writer_count} writers",
            f"{size(stage.classifier.model_bytes)}, {cost(stage.classifier.train)}",
            f"{size(stage.index.index_bytes)}, {cost(stage.index.enrol)}",
        )
    if len(found.stages) > 1:
        yield (
            "each additional writer",
            size(growth(found, lambda s: s.classifier.model_bytes)),
            size(growth(found, lambda s: s.index.index_bytes)),
        )


def growth(found: Comparison, of: Callable[[Stage], float]) -> float:
    """What each writer adds to a figure, between the first stage and the last."""
    first, last = found.stages[0], found.whole
    return (of(last) - of(first)) / max(last.writer_count - first.writer_count, 1)


def percent(rate: float) -> str:
    return f"{100 * rate:.2f} %" if 0 < rate < 0.1 else f"{100 * rate:.1f} %"


def cost(spent: Cost) -> str:
    return str(spent)


def span(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.1f} s"


def size(count: float) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.1f} kB"
