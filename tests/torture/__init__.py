"""Runs under fire: killed at any moment, on a full disk, beside another run; all is well afterwards.

Every round runs the real command in a process of its own (``warm.py``) and compares the whole home (``comparing.py``).
"""
