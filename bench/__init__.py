"""What the server costs, beside a bare FastAPI route: `python -m bench`."""
