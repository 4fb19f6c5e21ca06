"""应用管理: what an app shows of itself, and its menu in the client."""
