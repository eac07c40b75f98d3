"""Reading sheets, pages, videos and texts: arrays and texts in, frozen results out.

Nothing here talks to AWS, reads the environment or the clock, or logs content.
"""
