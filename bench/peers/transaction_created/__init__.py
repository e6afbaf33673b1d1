"""TRIFFT's Transaction created, to Klaviyo."""
