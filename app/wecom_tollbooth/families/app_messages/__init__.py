"""应用消息: messages of apps to members, cards that members press, recall and statistics.

send.py takes a message: shapes.py and cards.py are its request, content.py and card_rules.py check it,
receivers.py and limits.py say who gets it, and families/phones shows it.
"""
