// JSONata, as giftcard_issued/jsonata.js.

import jsonata from "jsonata";
import { body, prepared } from "./prepared.js";

const expression = jsonata(`{
  "customer_email": recipient.email,
  "customer_phone": recipient.phone,
  "customer_name": $join([recipient.first_name, recipient.last_name][$ != null and $ != ""], " "),
  "customer_first_name": recipient.first_name,
  "customer_last_name": recipient.last_name,
  "sender_email": buyer.email,
  "sender_phone": buyer.phone,
  "sender_name": $join([buyer.first_name, buyer.last_name][$ != null and $ != ""], " "),
  "sender_first_name": buyer.first_name,
  "sender_last_name": buyer.last_name,
  "company_name": store.name,
  "store_name": store.name,
  "loyalty_card_balance": recipient.points,
  "store_credit_balance": recipient.credit,
  "vip_tier": recipient.tier,
  "google_pass_url": wallet.google,
  "apple_pass_url": wallet.apple,
  "card_number": card.number,
  "card_pin": card.pin,
  "card_id": card.id,
  "original_value": card.original_value,
  "balance": card.balance,
  "currency": store.symbol,
  "expiration_date": card.expires = null ? "Never" : card.expires,
  "barcode_url": "https://" & store.domain & "/barcodes/" & card.barcode.format & "/" & card.barcode.value & ".png",
  "is_gift": order.is_gift,
  "greeting_message": order.message,
  "scheduled": delivery.scheduled,
  "deliver_at": delivery.at = null ? "Never" : delivery.at,
  "delivery_mode": delivery.mode,
  "deliver_at_timezone": delivery.zone,
  "delivered_to_sender": delivery.to_sender,
  "giftcard_theme_url": card.theme,
  "client_order_id": order.client_id,
  "order_date": order.day,
  "campaign_id": campaign,
  "activity_type": activity
}`);

export async function map(raw) {
  const event = prepared(raw);
  const properties = await expression.evaluate(event);
  properties.customer_name ||= null;
  properties.sender_name ||= null;
  return [body(event, properties)];
}
