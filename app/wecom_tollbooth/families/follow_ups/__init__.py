"""用户跟进: imports what declares the family's operations."""
