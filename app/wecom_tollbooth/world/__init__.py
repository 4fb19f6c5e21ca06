"""What happens outside the API: the clock, scheduled tasks, acts of people, ids and invented people."""
