"""Cost reports: sums over rollup rows, why they changed, who pays, and whether they match the bill."""
