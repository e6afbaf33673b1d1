// For engines that cannot call a function: the raw event with every check done and every value converted beforehand.

import { body as eventBody } from "../prepared.js";
import * as v from "../values.js";

const person = (of) => ({
  email: v.textOrNull(of.email),
  phone: v.textOrNull(of.phone),
  first_name: v.textOrNull(of.first_name),
  last_name: v.textOrNull(of.last_name),
});

export function prepared(raw) {
  const event = v.read(raw);
  v.expect(event.type, "order.placed");
  const store = v.object(event.store);
  const recipient = v.objectOrNothing(event.recipient);
  const wallet = v.objectOrNothing(event.wallet);
  const card = v.object(event.card);
  const order = v.object(event.order);
  const delivery = v.object(event.delivery);
  const transaction = v.object(event.transaction);
  const loyalty = v.objectOrNothing(recipient.loyalty);
  const barcode = v.object(card.barcode);
  const credit = v.objectOrNothing(recipient.store_credit).balance;
  const google = v.objectOrNothing(wallet.google).url;
  const apple = v.objectOrNothing(wallet.apple).url;
  const campaign = v.objectOrNothing(transaction.campaign).id;
  const scheduled = v.flag(delivery.scheduled);
  const zone = v.text(delivery.timezone);
  return {
    id: v.eventId(event.id),
    time: v.instant(event.occurred_at),
    profile: v.profile(recipient),
    store: { name: v.text(store.name), domain: v.text(store.domain), symbol: v.text(v.object(store.currency).symbol) },
    recipient: {
      ...person(recipient),
      points: loyalty.points == null ? null : v.whole(loyalty.points),
      credit: credit == null ? null : v.decimal(credit),
      tier: v.textOrNull(v.objectOrNothing(loyalty.tier).name),
    },
    buyer: person(v.objectOrNothing(event.buyer)),
    wallet: { google: google == null ? null : v.url(google), apple: apple == null ? null : v.url(apple) },
    card: {
      number: v.identifier(card.number),
      pin: card.pin == null ? null : v.identifier(card.pin),
      id: v.identifier(card.id),
      original_value: v.money(card.original_value),
      balance: v.money(card.balance),
      expires: card.expires_at == null ? null : v.day(card.expires_at, store.timezone),
      theme: v.largeImage(v.objectOrNothing(card.theme)),
      barcode: { format: v.text(barcode.format), value: v.text(barcode.value) },
    },
    order: {
      is_gift: v.flag(order.is_gift),
      message: v.textOrNull(order.gift_message),
      client_id: order.client_order_id == null ? null : v.identifier(order.client_order_id),
      day: v.day(order.created_at, store.timezone),
    },
    delivery: {
      scheduled,
      at: scheduled && delivery.deliver_at != null ? v.timeOfDay(delivery.deliver_at, zone) : null,
      mode: v.text(delivery.mode),
      zone,
      to_sender: v.flag(delivery.to_sender),
    },
    campaign: campaign == null ? null : v.identifier(campaign),
    activity: v.text(v.object(transaction.activity).type),
  };
}

/** What an engine leaves out where it finds null, put back in. */
const NAMES = [
  "customer_email", "customer_phone", "customer_name", "customer_first_name", "customer_last_name", "sender_email",
  "sender_phone", "sender_name", "sender_first_name", "sender_last_name", "company_name", "store_name",
  "loyalty_card_balance", "store_credit_balance", "vip_tier", "google_pass_url", "apple_pass_url", "card_number",
  "card_pin", "card_id", "original_value", "balance", "currency", "expiration_date", "barcode_url", "is_gift",
  "greeting_message", "scheduled", "deliver_at", "delivery_mode", "deliver_at_timezone", "delivered_to_sender",
  "giftcard_theme_url", "client_order_id", "order_date", "campaign_id", "activity_type",
];

export const body = (event, properties) => eventBody("OrderPlaced", NAMES, event, properties);
