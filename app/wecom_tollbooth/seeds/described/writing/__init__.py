"""The rows of a described corp."""
