"""Dagster assets: one thin wrapper per step, and the factory that makes one asset per declared source.

What a step does belongs in ``pipelines.steps``; here stands only what Dagster must know about it.
"""
