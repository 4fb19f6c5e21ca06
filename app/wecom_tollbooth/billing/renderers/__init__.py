"""Statements and estimates for people: an HTML page, CSV, an SVG chart, and their bilingual wording.

A statement of one corp or of several is rendered from the JSON that the control API answers; nothing is
calculated here.
"""
