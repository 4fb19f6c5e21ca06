"""客户管理: who follows customers, the lists of customers, one customer, remarks.

followers.py holds who may have customers, lists.py the lists of ids, detail.py one customer, batches.py the
customers of members page by page, shown.py how both show them, remarks.py the notes, acts.py what people do
with each other outside the API.
"""
