"""ID 转换: from what WeChat calls a person to what a corp does, and from there to what a provider does.

unionids.py begins with a unionid, scopes_of_ids.py with an id of the corp's or the provider's; people.py says
which customers an app knows, and by which ids.
"""

from app.families.id_conversion import scopes_of_ids, unionids

__all__ = ["scopes_of_ids", "unionids"]
