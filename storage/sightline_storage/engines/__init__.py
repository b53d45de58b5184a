"""Running statements: embedded, on a server or on a cluster."""
