"""The HTTP service: webhooks in, payloads out, and what an operator asks of them. Needs the extra `service`."""
