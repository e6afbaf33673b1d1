"""The durable queue in one SQLite file: its tables, its one writer, and what is done to each table."""
