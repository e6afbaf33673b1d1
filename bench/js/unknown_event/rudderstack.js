// RudderStack's template engine, as giftcard_issued/rudderstack.js; the headers are among its bindings.

import engine from "@rudderstack/json-template-engine";
import * as v from "../values.js";

const template = `
{
  data: {
    type: "event",
    attributes: {
      properties: $.openProperties(.properties),
      metric: {data: {type: "metric", attributes: {name: $.eventName($.headers."x-jericommerce-event-type")}}},
      profile: {data: {type: "profile", attributes: $.profile({email: .email})}},
      time: $.instant(.createdAt),
      unique_id: $.eventId(.id)
    }
  }
}
`;
const compiled = engine.JsonTemplateEngine.createAsSync(template, { defaultPathType: engine.PathType.SIMPLE });
const bindings = { ...v, headers: {} };

export function map(raw, headers) {
  bindings.headers = headers;
  const body = JSON.stringify(compiled.evaluate(v.read(raw), bindings));
  return [v.within(body, v.LONGEST_BODY)];
}
