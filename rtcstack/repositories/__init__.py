"""Every SQL statement of the product, one module a table family, as constants beside the mapping to domain objects.

The functions take a `Reader` or a `Tx` of `ports/database.py`, so that services decide where a transaction begins and
ends. The statements keep to the subset that SQLite and Postgres share.
"""
