"""The families of checks. Each has one function that looks, and others that judge what was seen and do no I/O."""
