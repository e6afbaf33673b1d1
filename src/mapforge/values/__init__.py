"""What a base type means: raw JSON value in, value to send out, or Refused. Both halves of the house stand on this."""
