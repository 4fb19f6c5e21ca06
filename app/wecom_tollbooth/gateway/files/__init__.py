"""Files in calls: those that a call brings along, and those that it is answered with."""
