"""What the verbs of `python -m workshop_lib` do."""
