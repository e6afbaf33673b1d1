// Hand-written JavaScript, as giftcard_issued/by_hand.js.

import * as v from "../values.js";

export function map(raw, headers) {
  const event = v.read(raw);
  const body = JSON.stringify({
    data: {
      type: "event",
      attributes: {
        properties: v.openProperties(event.properties),
        metric: { data: { type: "metric", attributes: { name: v.eventName(headers["x-jericommerce-event-type"]) } } },
        profile: { data: { type: "profile", attributes: v.profile({ email: event.email }) } },
        time: v.instant(event.createdAt),
        unique_id: v.eventId(event.id),
      },
    },
  });
  return [v.within(body, v.LONGEST_BODY)];
}
