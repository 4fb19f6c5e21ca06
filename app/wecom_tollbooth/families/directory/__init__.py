"""通讯录: members and departments.

members/ and departments/ hold the operations; only the 通讯录同步 secret may call those that write.
directory_events.py decides which apps receive the events.
"""
