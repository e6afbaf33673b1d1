// JSONata, compiled once. Its evaluation is asynchronous, so this peer's is too.

import jsonata from "jsonata";
import { body, prepared } from "./prepared.js";

const expression = jsonata(`{
  "customer_email": customer.email,
  "customer_phone": customer.phone,
  "customer_name": $join([customer.first_name, customer.last_name][$ != null and $ != ""], " "),
  "customer_first_name": customer.first_name,
  "customer_last_name": customer.last_name,
  "company_name": store.name,
  "store_name": store.name,
  "loyalty_card_balance": customer.points,
  "store_credit_balance": customer.credit,
  "vip_tier": customer.tier,
  "google_pass_url": wallet.google,
  "apple_pass_url": wallet.apple,
  "card_number": card.number,
  "card_pin": card.pin,
  "card_id": card.id,
  "original_value": card.original_value,
  "balance": card.balance,
  "amount": transaction.amount,
  "currency": store.symbol,
  "expiration_date": card.expires = null ? "Never" : card.expires,
  "giftcard_theme_url": card.theme,
  "barcode_url": "https://" & store.domain & "/barcodes/" & card.barcode.format & "/" & card.barcode.value & ".png",
  "transaction_type": transaction.type,
  "greeting_message": transaction.note,
  "campaign_id": transaction.campaign,
  "activity_type": transaction.activity
}`);

export async function map(raw) {
  const event = prepared(raw);
  const properties = await expression.evaluate(event);
  properties.customer_name ||= null;
  return [body(event, properties)];
}
