"""ID 转换: from what WeChat calls a person to what a corp does, and from there to what a provider does.

unionids.py begins with a unionid, downstream.py does so for corps downstream, scopes_of_ids.py begins with
an id of the corp's or the provider's, scopes_in_groups.py with who is in a customer group, temporary_ids.py
with one from a meeting, form or document; people.py says which customers an app knows, and by which ids.
"""
