"""Real servers that tests start, use and stop: Postgres, S3, GCS."""
