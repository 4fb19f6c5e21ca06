"""The load test of follow-up work: Locust drives a simulated sales team against any base URL.

`mixes.py` reads what the team does, `locustfile.py` runs it inside Locust, `runs.py` starts and evaluates the
runs, `report.py` writes the report.
"""
