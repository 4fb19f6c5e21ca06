"""接收消息与事件: what members send to apps and do in them, and the apps' passive replies.

lookup.py finds an app that a member may use, messages.py and acts.py are the acts, replies.py shows the
replies on the member's phone.
"""
