// JSONata, as giftcard_issued/jsonata.js.

import jsonata from "jsonata";
import { prepared, written } from "./prepared.js";

const expression = jsonata(`{
  "data": {
    "type": "event",
    "attributes": {
      "properties": properties,
      "metric": {"data": {"type": "metric", "attributes": {"name": name}}},
      "profile": {"data": {"type": "profile", "attributes": {"email": person.email}}},
      "time": time,
      "unique_id": id
    }
  }
}`);

export async function map(raw, headers) {
  return [written(await expression.evaluate(prepared(raw, headers)))];
}
