"""The chapters of WeCom's API, one folder each: api.py (shapes and handlers), tables.py, rules.py."""
