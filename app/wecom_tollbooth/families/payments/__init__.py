"""对外收款: what customers paid to members."""
