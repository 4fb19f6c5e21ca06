"""Checks that two trees of the project answer the same: record the first, then compare the second.

    python -m tests.same_answers record --tree OLD --python PYTHON --out FILE
    python -m tests.same_answers compare FILE --tree NEW --python PYTHON

Nothing here imports the project: a tree is a server in a process of its own, spoken to over HTTP.
"""
