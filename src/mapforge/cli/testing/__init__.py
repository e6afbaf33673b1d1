"""`mapforge test`: a vendor's samples against contracts, platform schemas and snapshots, run by pytest with syrupy."""
