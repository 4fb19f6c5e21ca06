"""Replies of the real host that were published, run against the simulator."""
