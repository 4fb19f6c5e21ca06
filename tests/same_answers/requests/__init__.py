"""What is asked of a tree: samples, documents, generated calls and final reads."""
