"""Raw events to delivered payloads, whatever fails between: a durable queue, a worker and a sender for each outlet.

    accept ─▶ inbox row on disk ─▶ worker: map ─▶ payload rows, or a dead letter ─▶ sender ─▶ Delivered | Rejected | …

It needs the extra `service`. Nothing else of mapforge imports it, and it imports no compiler.
"""
