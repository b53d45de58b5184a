"""Receivers of alerts for each test."""

from collections.abc import Iterator

import pytest
from tests.server.alerting.receivers import HttpReceiver, Mailbox, http_receiver, smtp_receiver


@pytest.fixture
def receiver() -> Iterator[HttpReceiver]:
    """An HTTP server on loopback."""
    with http_receiver() as received:
        yield received


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """An SMTP server on loopback without TLS."""
    with smtp_receiver() as box:
        yield box
