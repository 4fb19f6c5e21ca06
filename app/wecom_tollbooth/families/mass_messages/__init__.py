"""群发: messages that a corp prepares and its members send to customers and groups.

creation.py accepts a message, receivers.py says who gets it. A scheduled task (dispatch.py) makes the
members' tasks. When a member confirms (acts.py), delivery.py sends. The other modules read what was made.
"""
