"""The steps of a month, free of Dagster: fetch frames from the warehouse, call transforms, commit.

Assets and commands call the same functions here, so that a run from the shell and a scheduled one leave the same trace.
"""
