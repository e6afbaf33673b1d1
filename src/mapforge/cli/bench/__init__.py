"""`mapforge bench`: what a vendor's samples cost to map, and with `--profile` where the time goes."""
