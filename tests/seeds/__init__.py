"""Starting worlds: named seeds and seed files."""
