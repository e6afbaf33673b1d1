// Segment's mapping-kit: @path where a value goes as it is, @liquid where texts are made, as its users write it.

import { createRequire } from "node:module";
import { body, prepared } from "./prepared.js";

const { transform } = createRequire(import.meta.url)("@segment/actions-core/mapping-kit");
const path = (of) => ({ "@path": `$.${of}` });

const mapping = {
  customer_email: path("customer.email"),
  customer_phone: path("customer.phone"),
  customer_name: { "@liquid": "{{ customer.first_name }} {{ customer.last_name }}" },
  customer_first_name: path("customer.first_name"),
  customer_last_name: path("customer.last_name"),
  company_name: path("store.name"),
  store_name: path("store.name"),
  loyalty_card_balance: path("customer.points"),
  store_credit_balance: path("customer.credit"),
  vip_tier: path("customer.tier"),
  google_pass_url: path("wallet.google"),
  apple_pass_url: path("wallet.apple"),
  card_number: path("card.number"),
  card_pin: path("card.pin"),
  card_id: path("card.id"),
  original_value: path("card.original_value"),
  balance: path("card.balance"),
  amount: path("transaction.amount"),
  currency: path("store.symbol"),
  expiration_date: { "@if": { exists: path("card.expires"), then: path("card.expires"), else: "Never" } },
  giftcard_theme_url: path("card.theme"),
  barcode_url: { "@liquid": "https://{{ store.domain }}/barcodes/{{ card.barcode.format }}/{{ card.barcode.value }}.png" },
  transaction_type: path("transaction.type"),
  greeting_message: path("transaction.note"),
  campaign_id: path("transaction.campaign"),
  activity_type: path("transaction.activity"),
};

export function map(raw) {
  const event = prepared(raw);
  const properties = transform(mapping, event);
  properties.customer_name = properties.customer_name.trim() || null;
  return [body(event, properties)];
}
