"""Alert rules without I/O: what they measure, when they fire, how an incident lives, what is announced."""
