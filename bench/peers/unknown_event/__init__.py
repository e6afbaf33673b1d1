"""any event of JeriCommerce, to Klaviyo."""
