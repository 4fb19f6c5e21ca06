"""获客助手: links that acquire customers, the customers of the links, and the remaining quota.

links.py has the links, results.py their results, quota.py the quota lots, acts.py what customers and
admins do.
"""
