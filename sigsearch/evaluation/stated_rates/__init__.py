"""What the product states, measured: rates, galleries, the copy alarm, the enrolment audit."""

from sigsearch.evaluation.stated_rates.measured import StatedRates
from sigsearch.evaluation.stated_rates.measuring import Asked, measure_stated_rates

__all__ = ["Asked", "StatedRates", "measure_stated_rates"]
