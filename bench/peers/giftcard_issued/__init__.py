"""GiftcardIssued, to Klaviyo."""
