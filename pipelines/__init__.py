"""When and in which order, and every edge to the outside. No other room imports this one.

``steps`` holds the steps themselves, ``assets`` their Dagster clothing, ``delivery`` the mailer and its gate, ``cli``
the commands. Dagster's own modules (``checks``, ``jobs``, ``resources``, ``definitions``) stand beside them.
"""
