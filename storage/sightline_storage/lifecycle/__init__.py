"""Deleting, what is too old, backup, restore and export."""
