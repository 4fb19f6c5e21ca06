"""Speed of the console, in a real browser."""
