"""客户群管理: the groups of members and customers.

lists.py holds the list of groups, detail.py one group as it is shown, owners.py whose groups an app sees,
join_ways.py the ways into groups;
acts.py what people do in groups outside the API, changes.py what becomes of a group then, and people.py what
other families ask about groups.
"""
