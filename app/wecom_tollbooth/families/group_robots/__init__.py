"""消息推送（原群机器人）: robots of members' group chats, and what they write there by their webhook.

send.py takes a message: shapes.py is its request, content.py checks it. media.py takes files for messages,
acts.py adds robots to groups.
"""
