"""The language: what an organisation declares.

Frozen models of the files of a project folder, loading with errors that name file and line, lint, and the JSON
Schemas for editors. Nothing here reads an extract or computes a figure.
"""
