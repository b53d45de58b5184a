"""Working off the outbox: at least once, in order for each incident and channel, pausing after failures."""

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from datetime import datetime

from sightline_core.ids import ProjectId
from sightline_server.alerting.sending import Sender, SendFailure
from sightline_storage.alerts.alert_outbox import LONGEST_PAUSE, AlertOutbox, Channel
from sightline_storage.alerts.alert_records import ChannelRow, MessageRow
from sightline_storage.alerts.alert_rule_store import AlertRuleStore

log = logging.getLogger(__name__)

_CHANNELS_AT_ONCE = 100
_BATCH = 500
"""Messages that are read at once, of all channels."""

_LONGEST_BATCH_S = 5.0
"""After so long no other message of a batch is begun: one that is due since may be for a channel at rest."""

_LOOK_EVERY_S = 1.0
"""How long is waited for channels before it is looked for what became due meanwhile."""

_LONGEST_TURN_S = 60.0
"""Metrics tell of turns that are over; a channel that lets us wait must not keep one up for ever."""


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
        """Deliver what is due, for about a minute; return whether more may be due.

        A crash after the receiver took a message and before that is noted sends it again: the dedup key
        makes it one page, and the webhook's id tells a repetition. All channels are asked at once, and none
        waits for another, as each may last until the timeout; each gets its messages in order, until it does
        not take one.
        """
        until_s = time.monotonic() + _LONGEST_TURN_S
        asked: dict[Future[None], Channel] = {}
        with ThreadPoolExecutor(_CHANNELS_AT_ONCE, thread_name_prefix="deliver") as threads:
            while time.monotonic() < until_s:
                for channel, messages in self._due(asked.values()).items():
                    # With what says whose turn this thread has, see `turns.ends_turns`.
                    context = copy_context()
                    asked[threads.submit(context.run, self._deliver_in_order, messages)] = channel
                if not asked:
                    return False
                for answered in wait(asked, timeout=_LOOK_EVERY_S).done:
                    del asked[answered]
                    answered.result()
        for answered in asked:
            answered.result()
        return True

    def _due(self, asked: Collection[Channel]) -> Mapping[Channel, Sequence[MessageRow]]:
        """Return what is due to as many other channels as can be asked now."""
        of_channels: dict[Channel, list[MessageRow]] = defaultdict(list)
        for message in self._outbox.due(self._now(), _BATCH, but_to=asked):
            channel = message.project, message.channel
            if channel in of_channels or len(of_channels) + len(asked) < _CHANNELS_AT_ONCE:
                of_channels[channel].append(message)
        return of_channels

    def _deliver_in_order(self, messages: Sequence[MessageRow]) -> None:
        until_s = time.monotonic() + _LONGEST_BATCH_S
        channel = self._rules.channel(ProjectId(messages[0].project), messages[0].channel)
        for message in messages:
            self._go_on()
            failure = self._send(channel, message)
            if failure is None:
                self._outbox.delivered(message, self._now())
            else:
                self._note_failure(message, failure)
                if not failure.for_good:
                    return
            if time.monotonic() >= until_s:
                return

    def _note_failure(self, message: MessageRow, failure: SendFailure) -> None:
        given_up = self._outbox.failed(
            message, self._now(), failure.reason, for_good=failure.for_good, of_all=failure.is_silence
        )
        if given_up:
            facts = {"channel": message.channel, "incident": message.incident, "reason": failure.reason}
            log.warning("alerts could not be delivered and are given up", extra={"alerts": given_up, **facts})
        if failure.busy_for is not None:
            self._outbox.hold(message, self._now() + min(failure.busy_for, LONGEST_PAUSE))

    def _send(self, channel: ChannelRow | None, message: MessageRow) -> SendFailure | None:
        if channel is None:
            return SendFailure("the channel does not exist any more", for_good=True)
        return self._sender.send(channel, message.message, message.id)
