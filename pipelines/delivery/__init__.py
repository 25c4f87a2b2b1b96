"""The gate and the mailer: who receives which pack, once, after approval.

Free of Dagster. What a message looks like belongs in ``report_templates``.
"""
