"""The console's pages, one module each; each is found by itself."""
