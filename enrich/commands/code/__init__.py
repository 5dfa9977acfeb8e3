"""The commands about symbols, imports, calls and the graph of a project."""
