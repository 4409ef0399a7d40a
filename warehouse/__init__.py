"""The DuckDB file: how it is opened, what may be in it, how it is published."""
