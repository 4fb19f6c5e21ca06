"""客户管理: customers, their followers and the members' remarks.

followers.py holds the members who may have customers, lists.py the lists of ids, detail.py one customer,
batches.py the customers of members page by page, serializers.py the output that both share, remarks.py the
remarks, acts.py what members and customers do outside the API. Relations themselves are in
families/relations.
"""
