"""What a network sees in a signature, and what makes two of them alike or different."""

from sigsearch.explanation.maps import FeatureMap, feature_maps
from sigsearch.explanation.pair import PairRegions, compare_regions
from sigsearch.explanation.pictures import draw_maps, draw_pair

__all__ = [
    "FeatureMap",
    "PairRegions",
    "compare_regions",
    "draw_maps",
    "draw_pair",
    "feature_maps",
]
