"""客户群管理: the groups of members and customers.

lists.py holds the list of groups, detail.py one group, lookup.py finding one, owners.py whose groups an app
sees, join_ways.py the ways into groups, acts.py what people do in groups outside the API, chat_lifecycle.py
what those acts share, changes.py the changes of a group, membership.py queries for other families.
"""
