"""Sightline's SDK: `sightline.instrument()` makes an app's OpenAI calls visible."""

from sightline.app_context import context
from sightline.delivery import DeliveryReport
from sightline.runtime import flush, instrument, uninstrument

__all__ = ["DeliveryReport", "context", "flush", "instrument", "uninstrument"]
