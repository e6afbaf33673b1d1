"""OrderPlaced, to Klaviyo."""
