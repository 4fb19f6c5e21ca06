"""在职与离职继承: customers of one member go to another.

on_job.py holds what is done while both members are there, resigned.py what is done after one has left;
assigning.py says who can go and to whom, going_over.py what happens a day later, results.py how far it has
come, acts.py what the customer does. groups.py hands over customer groups.
"""
