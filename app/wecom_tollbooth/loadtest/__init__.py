"""The load test of follow-up work: a sales team of simulated users, driven by Locust, against any base URL.

`mixes.py` reads what the team does, `locustfile.py` does it inside Locust, `runs.py` seeds and drives one run
after the other, `report.py` writes what was measured.
"""
