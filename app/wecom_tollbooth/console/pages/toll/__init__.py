"""The toll: the bill of a month down to a single call, what-if, price books side by side, the budget."""

from wecom_tollbooth.console.pages.toll import bill, books, budget, lines, what_if

__all__ = ["bill", "books", "budget", "lines", "what_if"]
