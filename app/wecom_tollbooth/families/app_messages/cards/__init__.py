"""Cards: what a template card must have, what members press on it, and how apps change it afterwards.

shapes.py and rules.py are the card as it is sent, versions.py what is on phones, acts.py presses it,
update.py and task_cards.py change it, by a code of response_codes.py.
"""
