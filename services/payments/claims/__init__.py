"""Claims with evidence become orders or refusals."""
