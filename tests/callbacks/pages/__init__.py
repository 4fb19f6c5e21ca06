"""The events of pages of their own, each with the example of its page."""
