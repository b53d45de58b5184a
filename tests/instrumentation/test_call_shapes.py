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


def _skip_where_absent(shape: Shape, client: object) -> None:
    for name in shape.needs.split(".") if shape.needs else ():
        if not hasattr(client, name):
            pytest.skip(f"this client has no {shape.needs}")
        client = getattr(client, name)


def _check(shape: Shape, error: BaseException | None, captured: CapturedSpans) -> None:
    assert type(error).__name__ in (shape.raises or "NoneType").split(" or "), error
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
    _skip_where_absent(shape, client)
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

    _skip_where_absent(shape, openai.OpenAI(api_key="k"))
    error = None
    try:
        asyncio.run(run())
    except Exception as raised:
        error = raised
    _check(shape, error, captured)
