"""Edges to databases and remote folders: whatever brings an extract here that does not lie in the extracts folder."""
