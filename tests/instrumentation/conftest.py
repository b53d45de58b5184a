"""A fake OpenAI and a fake collector on loopback, real clients pointed at them, and spans in memory."""

from __future__ import annotations

from collections.abc import Iterator

import openai
import pytest
from tests.instrumentation.fake_collector import FakeCollector
from tests.instrumentation.fake_openai import FakeOpenAI

from sightline.testing import CapturedSpans, capture_spans


@pytest.fixture
def server() -> Iterator[FakeOpenAI]:
    fake = FakeOpenAI()
    yield fake
    fake.close()


@pytest.fixture
def collector() -> Iterator[FakeCollector]:
    fake = FakeCollector()
    yield fake
    fake.close()


@pytest.fixture
def client(server: FakeOpenAI) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(api_key="sk-secret", base_url=server.base_url, timeout=10) as made:
        yield made


@pytest.fixture
def captured() -> Iterator[CapturedSpans]:
    with capture_spans(app="test-app") as spans:
        yield spans
