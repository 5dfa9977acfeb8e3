"""The landing zone: runs that are committed to a log, and the Parquet files that they landed."""
