"""Each call shape makes exactly one correct span, sync and async."""

from __future__ import annotations

import asyncio
from typing import Any

import openai
import pytest
from opentelemetry.trace import StatusCode
from tests.instrumentation.call_shapes import SHAPES, Shape
from tests.instrumentation.fake_openai import FakeOpenAI

from sightline.testing import CapturedSpans

pytestmark = pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: f"{shape.area}: {shape.call}")


def _check(shape: Shape, error: BaseException | None, captured: CapturedSpans) -> None:
    assert type(error).__name__ == (shape.raises or "NoneType"), error
    assert len(captured.spans) == 1
    span = captured.spans[0]
    attributes: dict[str, Any] = dict(span.attributes or {})
    assert attributes.items() >= shape.attributes.items()
    assert not set(shape.absent) & set(attributes)
    assert (span.status.status_code is StatusCode.ERROR) is bool(shape.raises)
    assert "sk-secret" not in str(attributes)


def test_a_sync_call_makes_one_correct_span(
    shape: Shape, client: openai.OpenAI, captured: CapturedSpans
) -> None:
    error = None
    try:
        shape.sync(client)
    except Exception as raised:
        error = raised
    _check(shape, error, captured)


def test_an_async_call_makes_one_correct_span(
    shape: Shape, server: FakeOpenAI, captured: CapturedSpans
) -> None:
    async def run() -> None:
        async with openai.AsyncOpenAI(api_key="sk-secret", base_url=server.base_url, timeout=10) as client:
            await shape.asynchronous(client)

    error = None
    try:
        asyncio.run(run())
    except Exception as raised:
        error = raised
    _check(shape, error, captured)
