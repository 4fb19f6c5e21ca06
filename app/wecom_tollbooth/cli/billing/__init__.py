"""What the toll booth says on the command line: bills, budgets, the ledger, estimates."""
