"""Figures of whole corps."""
