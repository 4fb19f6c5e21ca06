"""应用消息: messages of apps to members, cards that members press, recall and statistics.

send.py takes a message: shapes.py is its request, content.py checks it, receivers.py and limits.py say who
gets it, and families/phones shows it. cards/ has all of template cards and of the older task cards.
"""
