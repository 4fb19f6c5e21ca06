"""获客助手: links that bring customers, the customers who came through them, and the remaining quota.

links.py holds the links, results.py their results, quota.py the lots of quota, acts.py what customers and
admins do.
"""
