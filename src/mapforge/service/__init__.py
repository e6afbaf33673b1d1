"""HTTP in front of the queue: what vendors send comes in, and operators see and decide what waits."""
