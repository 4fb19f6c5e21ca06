"""安全管理: the logs of operations, screenshots and files.

recorded_acts.py says which acts leave a record by themselves; acts.py has those that exist for the record.
"""
