"""客户管理: who follows customers, the lists of customers, one customer, remarks.

followers.py holds who may have customers, lists.py the lists of ids, detail.py a customer as it is shown,
remarks.py the notes, acts.py what people do with each other outside the API.
"""

from app.families.customers import detail, followers, lists, remarks

__all__ = ["detail", "followers", "lists", "remarks"]
