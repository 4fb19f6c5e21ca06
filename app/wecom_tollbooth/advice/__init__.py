"""Advice (接入建议): what strict mode has noticed about the calls of a corp.

`codes` says what there is to notice, `noting` keeps it, one row for each code, operation and field. What is
noticed in a call is in gateway/advice.
"""
