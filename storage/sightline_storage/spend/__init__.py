"""What was used and cost, who pays, what providers charged, new prices."""
