"""用户跟进: the pipeline of a corp, the records of its customers, boards, lists, logs and statistics.

operations/ has the operations, store/ keeps the records; relations.py follows what happens to customers.
"""
