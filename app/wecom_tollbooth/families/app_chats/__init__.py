"""应用群聊: group chats of members that apps create, and what apps send into them.

chats.py creates, changes and reads them, membership.py says who is in one, windows.py counts what is limited.
"""
