"""The simulated life of Meridian Outdoor.

What happens: ``story``, ``market``, ``voice``, ``workforce``, ``learning``, ``works``, ``finance``. How it is
delivered: ``dirt``, ``files``. Nothing here imports Scorepack: an extract is what any source system could have written.
"""
