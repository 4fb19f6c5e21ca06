"""获客助手: links that bring customers, who came through them, what is left of the quota.

links.py holds the links, results.py what came of them, quota.py the lots of quota, acts.py what customers
and admins do.
"""
