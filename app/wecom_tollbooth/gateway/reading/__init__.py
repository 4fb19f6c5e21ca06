"""Reading bodies that are not quite what they should be."""
