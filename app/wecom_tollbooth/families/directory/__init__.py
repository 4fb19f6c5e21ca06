"""通讯录: members and departments.

The chapter is long, so its operations stand in three files: members.py reads members, member_changes.py
creates, changes and deletes them, departments.py holds the tree. Only the 通讯录同步 secret changes anything.
No change raises a callback: WeCom tells it to 通讯录同步 assistants other than the one that made it, and a
corp has one (pages 90970 and 90971).
"""
