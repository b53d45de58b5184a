"""In SQLite or PostgreSQL: projects and keys, leases, saved views, up to where jobs have looked."""
