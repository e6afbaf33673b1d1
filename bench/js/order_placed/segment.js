// Segment's mapping-kit, as giftcard_issued/segment.js.

import { createRequire } from "node:module";
import { body, prepared } from "./prepared.js";

const { transform } = createRequire(import.meta.url)("@segment/actions-core/mapping-kit");
const path = (of) => ({ "@path": `$.${of}` });
const never = (of) => ({ "@if": { exists: path(of), then: path(of), else: "Never" } });

const mapping = {
  customer_email: path("recipient.email"),
  customer_phone: path("recipient.phone"),
  customer_name: { "@liquid": "{{ recipient.first_name }} {{ recipient.last_name }}" },
  customer_first_name: path("recipient.first_name"),
  customer_last_name: path("recipient.last_name"),
  sender_email: path("buyer.email"),
  sender_phone: path("buyer.phone"),
  sender_name: { "@liquid": "{{ buyer.first_name }} {{ buyer.last_name }}" },
  sender_first_name: path("buyer.first_name"),
  sender_last_name: path("buyer.last_name"),
  company_name: path("store.name"),
  store_name: path("store.name"),
  loyalty_card_balance: path("recipient.points"),
  store_credit_balance: path("recipient.credit"),
  vip_tier: path("recipient.tier"),
  google_pass_url: path("wallet.google"),
  apple_pass_url: path("wallet.apple"),
  card_number: path("card.number"),
  card_pin: path("card.pin"),
  card_id: path("card.id"),
  original_value: path("card.original_value"),
  balance: path("card.balance"),
  currency: path("store.symbol"),
  expiration_date: never("card.expires"),
  barcode_url: { "@liquid": "https://{{ store.domain }}/barcodes/{{ card.barcode.format }}/{{ card.barcode.value }}.png" },
  is_gift: path("order.is_gift"),
  greeting_message: path("order.message"),
  scheduled: path("delivery.scheduled"),
  deliver_at: never("delivery.at"),
  delivery_mode: path("delivery.mode"),
  deliver_at_timezone: path("delivery.zone"),
  delivered_to_sender: path("delivery.to_sender"),
  giftcard_theme_url: path("card.theme"),
  client_order_id: path("order.client_id"),
  order_date: path("order.day"),
  campaign_id: path("campaign"),
  activity_type: path("activity"),
};

export function map(raw) {
  const event = prepared(raw);
  const properties = transform(mapping, event);
  properties.customer_name = properties.customer_name.trim() || null;
  properties.sender_name = properties.sender_name.trim() || null;
  return [body(event, properties)];
}
