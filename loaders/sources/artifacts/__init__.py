"""Files that other programs wrote: found, opened and parsed strictly, and landed whole or not at
all.
"""
