// Hand-written JavaScript: one parse, each value checked where it is read, one object out, one stringify.

import * as v from "../values.js";

export function map(raw) {
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
  const first = v.textOrNull(customer.first_name);
  const last = v.textOrNull(customer.last_name);
  const kind = v.text(transaction.type);
  const body = JSON.stringify({
    data: {
      type: "event",
      attributes: {
        properties: {
          customer_email: v.textOrNull(customer.email),
          customer_phone: v.textOrNull(customer.phone),
          customer_name: v.name(first, last),
          customer_first_name: first,
          customer_last_name: last,
          company_name: v.text(store.name),
          store_name: store.name,
          loyalty_card_balance: loyalty.points == null ? null : v.whole(loyalty.points),
          store_credit_balance: credit == null ? null : v.decimal(credit),
          vip_tier: v.textOrNull(v.objectOrNothing(loyalty.tier).name),
          google_pass_url: google == null ? null : v.url(google),
          apple_pass_url: apple == null ? null : v.url(apple),
          card_number: v.identifier(card.number),
          card_pin: card.pin == null ? null : v.identifier(card.pin),
          card_id: v.identifier(card.id),
          original_value: v.money(card.original_value),
          balance: v.money(card.balance),
          amount: v.money(transaction.amount),
          currency: v.text(v.object(store.currency).symbol),
          expiration_date: card.expires_at == null ? "Never" : v.day(card.expires_at, store.timezone),
          giftcard_theme_url: v.largeImage(v.objectOrNothing(card.theme)),
          barcode_url: v.url(`https://${v.text(store.domain)}/barcodes/${v.text(barcode.format)}/${v.text(barcode.value)}.png`),
          transaction_type: kind,
          greeting_message: kind === "ISSUED" ? v.textOrNull(transaction.note) : null,
          campaign_id: campaign == null ? null : v.identifier(campaign),
          activity_type: v.text(v.object(transaction.activity).type),
        },
        metric: { data: { type: "metric", attributes: { name: "GiftcardIssued" } } },
        profile: { data: { type: "profile", attributes: v.profile(customer) } },
        time: v.instant(event.occurred_at),
        unique_id: v.eventId(event.id),
      },
    },
  });
  return [body];
}
