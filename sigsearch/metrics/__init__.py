"""Error rates and their kin, from scores alone. Higher scores mean closer everywhere.

`mated` are the scores of comparisons with the claimed writer's own signature, `non_mated` those
with anybody else's (ISO/IEC 19795-1). Thresholds are inclusive: a score equal to it is accepted.
A figure that a sample cannot give (a class is empty) is NaN.
"""

from sigsearch.metrics.bootstrap import WriterBootstrap, fnmr_where, interval
from sigsearch.metrics.comparisons import Comparisons, rates_at
from sigsearch.metrics.identification import cmc, open_set, ranks
from sigsearch.metrics.likelihood import (
    cllr,
    cllr_min,
    pav_llr,
    reliability,
    tippett,
)
from sigsearch.metrics.rates import (
    ErrorRates,
    crossing,
    eer,
    error_rates,
    fnmr_at_fmr,
    supports,
    threshold_at_eer,
    threshold_at_fmr,
)

__all__ = [
    "Comparisons",
    "ErrorRates",
    "WriterBootstrap",
    "cllr",
    "cllr_min",
    "cmc",
    "crossing",
    "eer",
    "error_rates",
    "fnmr_at_fmr",
    "fnmr_where",
    "interval",
    "open_set",
    "pav_llr",
    "ranks",
    "rates_at",
    "reliability",
    "supports",
    "threshold_at_eer",
    "threshold_at_fmr",
    "tippett",
]
