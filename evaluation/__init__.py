"""Learn the roles of files from labelled ones, and measure what was learnt. Run from a checkout; not installed."""
