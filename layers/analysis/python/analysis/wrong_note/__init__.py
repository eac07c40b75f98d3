"""The wrong-answer note: a typed note in, an HTML page and a PDF out.

``types`` what a note holds · ``mixed_text`` text and LaTeX apart · ``formula`` LaTeX as SVG ·
``picture`` a question's crop made fit for print · ``page`` the HTML · ``pdf`` the PDF.
"""
