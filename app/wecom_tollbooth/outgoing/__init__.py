"""Requests to addresses that somebody told us: callbacks, their verification, and what we fetch.

Every such request goes through `Outgoing`, which checks the address, bounds the time and the answer, and uses
no thread of the caller.
"""
