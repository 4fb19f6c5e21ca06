"""The toll: the ledger of usage, the price books and the statements. Its rules are in README.md here."""
