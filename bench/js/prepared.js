// What the engines that cannot call a function have in common.

import { url } from "./values.js";

/** A body of Klaviyo's Create Event; what an engine leaves out where it finds null is put back in. */
export function body(metric, names, event, properties) {
  url(properties.barcode_url);
  const whole = {};
  for (const name of names) whole[name] = properties[name] ?? null;
  return JSON.stringify({
    data: {
      type: "event",
      attributes: {
        properties: whole,
        metric: { data: { type: "metric", attributes: { name: metric } } },
        profile: { data: { type: "profile", attributes: event.profile } },
        time: event.time,
        unique_id: event.id,
      },
    },
  });
}
