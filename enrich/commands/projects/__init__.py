"""Projects, and the files in them."""
