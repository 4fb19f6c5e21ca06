"""Commands about calls: planned faults, and what strict mode has noticed."""
