"""What jobs cost: measured durations times list prices."""
