"""Loaders: small readers of the world that land typed facts as Parquet and never judge them."""
