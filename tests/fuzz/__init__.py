"""The loaders under inputs that nobody would write: ``make fuzz``."""
