"""What mapforge is measured against: functions from a raw GiftcardIssued event to Klaviyo's body, bytes to bytes."""
