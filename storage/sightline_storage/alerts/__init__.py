"""Rules, incidents, and the outbox of messages."""
