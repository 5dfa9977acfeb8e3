"""One module of rows per language; `loaders.sources.code.grammar` describes the rows."""
