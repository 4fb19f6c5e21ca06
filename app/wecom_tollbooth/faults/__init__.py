"""Planned faults (故障注入): what calls and callbacks of a corp meet in place of the usual answer.

`planning` writes and removes them, `meeting` finds the one that a call or an attempt meets and counts it.
"""
