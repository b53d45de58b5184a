"""Sessions, users, prompt versions, and the health of apps."""
