"""The ``scorepack`` command: one module per command or family of commands.

Heavy imports stay inside the commands, so that ``scorepack --help`` answers at once.
"""
