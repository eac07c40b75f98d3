"""Where the questions of an exam page are: boxes, numbers, reading order."""
