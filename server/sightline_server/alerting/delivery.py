"""Working off the outbox: at least once, in order for each incident and channel, pausing after failures."""

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import datetime

from sightline_core.ids import ProjectId
from sightline_server.alerting.sending import Sender, SendFailure
from sightline_storage.alerts.alert_outbox import LONGEST_PAUSE, AlertOutbox
from sightline_storage.alerts.alert_records import ChannelRow, MessageRow
from sightline_storage.alerts.alert_rule_store import AlertRuleStore

log = logging.getLogger(__name__)

_BATCH = 50
_LONGEST_BATCH_S = 5.0
"""After so long no other message of a batch is begun: one that is due since may be for a channel at rest."""


class Deliverer:
    """One call of `run` delivers what is due."""

    def __init__(
        self,
        rules: AlertRuleStore,
        outbox: AlertOutbox,
        sender: Sender,
        *,
        now: Callable[[], datetime],
        go_on: Callable[[], None],
    ) -> None:
        """`go_on` is called before each message, and raises when none shall be sent any more."""
        self._rules = rules
        self._outbox = outbox
        self._sender = sender
        self._now = now
        self._go_on = go_on

    def run(self) -> bool:
        """Deliver one batch; return whether more may be due.

        A crash after the receiver took a message and before that is noted sends it again: the dedup key
        makes it one page, and the webhook's id tells a repetition. All channels are asked at once, as each
        may last until the timeout; each gets its messages in order, until it does not take one.
        """
        of_channels = defaultdict[tuple[str, str], list[MessageRow]](list)
        for message in self._outbox.due(self._now(), _BATCH):
            of_channels[message.project, message.channel].append(message)
        if not of_channels:
            return False
        until_s = time.monotonic() + _LONGEST_BATCH_S
        with ThreadPoolExecutor(len(of_channels), thread_name_prefix="deliver") as threads:
            # With what says whose turn this thread has, see `turns.ends_turns`.
            asked = [
                threads.submit(copy_context().run, self._deliver_in_order, messages, until_s)
                for messages in of_channels.values()
            ]
        for channel in asked:
            channel.result()
        return True

    def _deliver_in_order(self, messages: Sequence[MessageRow], until_s: float) -> None:
        for message in messages:
            self._go_on()
            failure = self._send(message)
            if failure is None:
                self._outbox.delivered(message, self._now())
            else:
                self._note_failure(message, failure)
                if not failure.for_good:
                    return
            if time.monotonic() >= until_s:
                return

    def _note_failure(self, message: MessageRow, failure: SendFailure) -> None:
        if self._outbox.failed(message, self._now(), failure.reason, for_good=failure.for_good):
            facts = {"channel": message.channel, "incident": message.incident, "reason": failure.reason}
            log.warning("an alert could not be delivered and is given up", extra=facts)
        if failure.busy_for is not None:
            self._outbox.hold(message, self._now() + min(failure.busy_for, LONGEST_PAUSE))

    def _send(self, message: MessageRow) -> SendFailure | None:
        channel = self._channel(ProjectId(message.project), message.channel)
        if channel is None:
            return SendFailure("the channel does not exist any more", for_good=True)
        return self._sender.send(channel, message.message, message.id)

    def _channel(self, project: ProjectId, key: str) -> ChannelRow | None:
        return next((row for row in self._rules.channels(project) if row.key == key), None)
