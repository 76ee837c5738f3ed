"""The array types, one meaning each. Shapes are said where they are used."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
"""Scores that are weighed, rates, likelihood ratios: whatever is computed with in double."""
Singles = NDArray[np.float32]
"""What a network gives and the index keeps, and pair scores: single precision."""
Ids = NDArray[np.int64]
"""Row numbers, or the numbers of writers."""
Mask = NDArray[np.bool_]
"""Which of them; which pixels."""
Bytes = NDArray[np.uint8]
"""Grey levels, pixels, shares of 255."""
SmallInts = NDArray[np.int8]
"""Local tokens: unit vectors times 127."""
AnyArray = NDArray[Any]
"""Of whatever type it was given in."""
