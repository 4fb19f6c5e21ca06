"""What is left of a call: its record, and what the server counts and logs."""
