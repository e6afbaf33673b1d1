// For engines that cannot call a function: the raw event with every check done and every value converted beforehand.

import * as v from "../values.js";

export function prepared(raw, headers) {
  const event = v.read(raw);
  return {
    id: v.eventId(event.id),
    time: v.instant(event.createdAt),
    name: v.eventName(headers["x-jericommerce-event-type"]),
    person: v.profile({ email: event.email }),
    properties: v.openProperties(event.properties),
  };
}

export const written = (body) => v.within(JSON.stringify(body), v.LONGEST_BODY);
