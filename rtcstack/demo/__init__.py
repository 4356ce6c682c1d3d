"""The self-check: real participants, a real recording, and a look at every fact in the file."""
