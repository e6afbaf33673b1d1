// Segment's mapping-kit, as giftcard_issued/segment.js. There is no text to make, so @liquid has no part in it.

import { createRequire } from "node:module";
import { prepared, written } from "./prepared.js";

const { transform } = createRequire(import.meta.url)("@segment/actions-core/mapping-kit");
const path = (of) => ({ "@path": `$.${of}` });

const mapping = {
  data: {
    type: "event",
    attributes: {
      properties: path("properties"),
      metric: { data: { type: "metric", attributes: { name: path("name") } } },
      profile: { data: { type: "profile", attributes: { email: path("person.email") } } },
      time: path("time"),
      unique_id: path("id"),
    },
  },
};

export function map(raw, headers) {
  return [written(transform(mapping, prepared(raw, headers)))];
}
