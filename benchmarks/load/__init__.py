"""Thousands of jobs through the deployed stack on the embedded engine, with everything mixed in."""
