"""Values to the bytes of JSON that is sent: a Decimal as a number with its digits."""

from __future__ import annotations

import msgspec

encode = msgspec.json.Encoder(decimal_format="number").encode
