"""What mapforge is measured against, a package an event: functions from a raw event to the bodies for Klaviyo."""
