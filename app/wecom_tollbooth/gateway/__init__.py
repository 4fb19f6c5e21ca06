"""What every API call passes through, and nothing else. Start reading at pipeline.py."""
