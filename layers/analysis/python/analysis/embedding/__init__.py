"""Texts as vectors, and how alike two problems are."""
