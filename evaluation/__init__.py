"""Learn the roles of files from labelled ones, and measure the result. Not part of the install."""
