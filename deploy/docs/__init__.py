"""Writes what of docs/ is made from the running code's OpenAPI document: the reference, and collections for API clients.

There is no library that writes Markdown which a plain forge shows as well, one page a subject, with our examples; the generators of
the registries make pages for a browser.
"""
