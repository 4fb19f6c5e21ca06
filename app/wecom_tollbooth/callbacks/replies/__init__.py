"""Passive replies (被动回复): the answer of a receiver that holds a message to the member.

readers.py is where families declare what becomes of each kind, reading.py checks signature and encryption and
hands over the plain XML, safe_xml.py parses it.
"""
