"""The pages of the reference, one module a page; each has ``page()``, which returns its Markdown."""
