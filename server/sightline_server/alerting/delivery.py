"""Working off the outbox: at least once, in order for each incident and channel, pausing after failures."""

import logging
from collections.abc import Callable
from datetime import datetime

from sightline_core.ids import ProjectId
from sightline_server.alerting.sending import Sender, SendFailure
from sightline_storage.alerts.alert_outbox import LONGEST_PAUSE, AlertOutbox
from sightline_storage.alerts.alert_records import ChannelRow, MessageRow
from sightline_storage.alerts.alert_store import AlertStore

log = logging.getLogger(__name__)

_BATCH = 50


class Deliverer:
    """One call of `run` delivers what is due."""

    def __init__(
        self,
        alerts: AlertStore,
        outbox: AlertOutbox,
        sender: Sender,
        *,
        now: Callable[[], datetime],
        go_on: Callable[[], None],
    ) -> None:
        """`go_on` is called before each message, and raises when none shall be sent any more."""
        self._alerts = alerts
        self._outbox = outbox
        self._sender = sender
        self._now = now
        self._go_on = go_on

    def run(self) -> bool:
        """Deliver one batch; return whether more may be due.

        A crash after the receiver took a message and before that is noted sends it again: the dedup key
        makes it one page, and the webhook's id tells a repetition. A channel that does not take a message now
        is asked no more in this batch: each time may last until the timeout, and the others wait.
        """
        due = self._outbox.due(self._now(), _BATCH)
        down: set[tuple[str, str]] = set()
        for message in due:
            if (message.project, message.channel) in down:
                continue
            self._go_on()
            failure = self._send(message)
            if failure is None:
                self._outbox.delivered(message, self._now())
                continue
            if not failure.for_good:
                down.add((message.project, message.channel))
            if self._outbox.failed(message, self._now(), failure.reason, for_good=failure.for_good):
                facts = {"channel": message.channel, "incident": message.incident, "reason": failure.reason}
                log.warning("an alert could not be delivered and is given up", extra=facts)
            if failure.busy_for is not None:
                self._outbox.hold(message, self._now() + min(failure.busy_for, LONGEST_PAUSE))
        return bool(due)

    def _send(self, message: MessageRow) -> SendFailure | None:
        channel = self._channel(ProjectId(message.project), message.channel)
        if channel is None:
            return SendFailure("the channel does not exist any more", for_good=True)
        return self._sender.send(channel, message.message, message.id)

    def _channel(self, project: ProjectId, key: str) -> ChannelRow | None:
        return next((row for row in self._alerts.channels(project) if row.key == key), None)
