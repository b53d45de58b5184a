"""Other emitters' attribute names, and the one function that turns them into ours."""

from sightline_semconv.dialects.dialect import Attributes, Dialect, Value
from sightline_semconv.dialects.normalise import DIALECTS, Normalised, normalise

__all__ = ["DIALECTS", "Attributes", "Dialect", "Normalised", "Value", "normalise"]
