"""What happens outside the API: time, chance, and later the acts of customers and members."""
