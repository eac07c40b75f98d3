"""What an operator does to a deployed stack, on AWS or on the embedded engine."""
