"""KPIs: what a period comes to, as shares of two numbers that are always shown beside the rate."""
