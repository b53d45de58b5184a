"""What an app's own tests see of its spans."""

from __future__ import annotations

import sightline
from sightline.runtime import current_settings
from sightline.testing import CapturedSpans, capture_spans


def test_spans_of_an_app_that_is_instrumented_already_are_captured_and_go_nowhere_else() -> None:
    of_the_app = CapturedSpans()
    sightline.instrument(app="shop", tracer_provider=of_the_app.tracer_provider)
    try:
        with capture_spans(capture_content=False) as captured:
            sightline.instrument(app="shop")  # by the module under test
            with sightline.span("in the test", input="secret"):
                pass
        with sightline.span("after it", input="kept"):
            pass
        assert [(span.name, "secret" in str(span.attributes)) for span in captured.spans] == [
            ("in the test", False)
        ]
        assert [(span.name, "kept" in str(span.attributes)) for span in of_the_app.spans] == [
            ("after it", True)
        ]
        settings = current_settings()
        assert settings is not None
        assert settings.app == "shop"
    finally:
        sightline.uninstrument()
    with capture_spans():
        pass
    assert current_settings() is None
