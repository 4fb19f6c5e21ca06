"""对外收款: what customers pay to members, and what members pay back."""
