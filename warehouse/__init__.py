"""What is kept: landing archive, journal, staged rows, tables and the published copy.

The only room that imports DuckDB. It knows how to keep and hand out frames, not how a figure is computed.
"""
