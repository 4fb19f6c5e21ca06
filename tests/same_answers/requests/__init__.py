"""The requests to a tree: samples, documents, generated calls and final reads."""
