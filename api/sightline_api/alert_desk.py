"""What the API needs of alerting beyond the tables: the server does the I/O."""

from typing import Protocol

from sightline_storage.alerts.alert_records import ChannelRow


class AlertDesk(Protocol):
    """Checks and tries channels."""

    def check_channel(self, channel: ChannelRow) -> None:
        """Raise `CallerError` when a field is missing or the target may not be reached."""

    def try_channel(self, channel: ChannelRow) -> str:
        """Send a test message and return why it was not taken, "" when it was."""
