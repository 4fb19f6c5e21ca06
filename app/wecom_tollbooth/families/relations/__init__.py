"""Members, external contacts and the relation between them; the families build on this package.

tables.py holds the tables, lookups.py who follows whom, lifecycle.py how a relation begins and ends,
newcomers.py external contacts, act_records.py the data of statistics, contact_count.py how many
contacts the corp has.
"""
