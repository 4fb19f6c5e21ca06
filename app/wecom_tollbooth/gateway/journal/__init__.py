"""The journal of calls: what it shows of a call, and how many calls it keeps."""
