"""Statements as people and programs read them: a page to print, a CSV file, and the words of both.

Each takes a statement of one corp or of several, as the control API answers it in JSON, and works nothing
out.
"""
