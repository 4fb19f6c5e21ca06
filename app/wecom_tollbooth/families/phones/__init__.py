"""Phones: what members and customers see on them, for /_sim/corps/{corpid}/phones and the command line.

tables.py holds messages and where they were shown, screens.py shows them and changes their state. A message
to many people is one row, and a short row for each person.
"""
