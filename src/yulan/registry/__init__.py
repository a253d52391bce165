"""Who and where: regions, parties, records. Knows the kernel only."""
