"""The pages of a filmed workbook: each once, sharp, scored."""
