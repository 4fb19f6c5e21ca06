"""Metering and billing: ledger, price books, statements and budgets. README.md has the invariants."""
