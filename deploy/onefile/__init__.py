"""Builds the one file: the product and everything that it needs, behind a launcher (docs/decisions/0018-one-file.md)."""
