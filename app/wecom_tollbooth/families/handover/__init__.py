"""在职与离职继承: customers of one member are transferred to another.

on_job.py holds transfers between members in the corp, resigned.py those from members who left,
transfer_request.py who can give and take which customers, transfer_execution.py the transfer a day later,
results.py its status, acts.py what the customer does, groups.py the transfer of customer groups.
"""
