"""What those who look after an installation ask: is it fit for a month end, and how does it stand.

Belongs here: examining (``doctor.py``) and measuring (``health.py``). Nothing here changes what it looks at.
"""
