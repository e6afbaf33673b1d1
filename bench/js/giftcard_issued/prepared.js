// For engines that cannot call a function: the raw event with every check done and every value converted beforehand.

import { body as eventBody } from "../prepared.js";
import * as v from "../values.js";

export function prepared(raw) {
  const event = v.read(raw);
  v.expect(event.type, "giftcard.issued");
  const store = v.object(event.store);
  const customer = v.objectOrNothing(event.customer);
  const wallet = v.objectOrNothing(event.wallet);
  const card = v.object(event.card);
  const transaction = v.object(event.transaction);
  const loyalty = v.objectOrNothing(customer.loyalty);
  const barcode = v.object(card.barcode);
  const credit = v.objectOrNothing(customer.store_credit).balance;
  const google = v.objectOrNothing(wallet.google).url;
  const apple = v.objectOrNothing(wallet.apple).url;
  const campaign = v.objectOrNothing(transaction.campaign).id;
  return {
    id: v.eventId(event.id),
    time: v.instant(event.occurred_at),
    profile: v.profile(customer),
    store: { name: v.text(store.name), domain: v.text(store.domain), symbol: v.text(v.object(store.currency).symbol) },
    customer: {
      email: v.textOrNull(customer.email),
      phone: v.textOrNull(customer.phone),
      first_name: v.textOrNull(customer.first_name),
      last_name: v.textOrNull(customer.last_name),
      points: loyalty.points == null ? null : v.whole(loyalty.points),
      credit: credit == null ? null : v.decimal(credit),
      tier: v.textOrNull(v.objectOrNothing(loyalty.tier).name),
    },
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
    transaction: {
      type: v.text(transaction.type),
      note: transaction.type === "ISSUED" ? v.textOrNull(transaction.note) : null,
      amount: v.money(transaction.amount),
      campaign: campaign == null ? null : v.identifier(campaign),
      activity: v.text(v.object(transaction.activity).type),
    },
  };
}

/** What an engine leaves out where it finds null, put back in. */
const NAMES = [
  "customer_email", "customer_phone", "customer_name", "customer_first_name", "customer_last_name", "company_name",
  "store_name", "loyalty_card_balance", "store_credit_balance", "vip_tier", "google_pass_url", "apple_pass_url",
  "card_number", "card_pin", "card_id", "original_value", "balance", "amount", "currency", "expiration_date",
  "giftcard_theme_url", "barcode_url", "transaction_type", "greeting_message", "campaign_id", "activity_type",
];

export const body = (event, properties) => eventBody("GiftcardIssued", NAMES, event, properties);
