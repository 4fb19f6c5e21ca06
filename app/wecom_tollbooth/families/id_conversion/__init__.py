"""ID 转换: between WeChat's ids of people, a corp's and a provider's.

unionids.py converts unionids, downstream.py does so for downstream corps. scoped_ids.py converts between the
corp's ids and a provider's, scoped_ids_in_groups.py those of a customer group's members, temporary_ids.py ids
from meetings, forms and documents. known_customers.py decides which customers an app knows, by which ids.
"""
