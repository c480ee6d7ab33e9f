"""The notebooks themselves: copies, editions, running them, catching up, the report."""
