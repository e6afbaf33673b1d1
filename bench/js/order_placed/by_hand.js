// Hand-written JavaScript: one parse, each value checked where it is read, one object out, one stringify.

import * as v from "../values.js";

export function map(raw) {
  const event = v.read(raw);
  v.expect(event.type, "order.placed");
  const store = v.object(event.store);
  const recipient = v.objectOrNothing(event.recipient);
  const buyer = v.objectOrNothing(event.buyer);
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
  const first = v.textOrNull(recipient.first_name);
  const last = v.textOrNull(recipient.last_name);
  const senderFirst = v.textOrNull(buyer.first_name);
  const senderLast = v.textOrNull(buyer.last_name);
  const scheduled = v.flag(delivery.scheduled);
  const zone = v.text(delivery.timezone);
  const late = scheduled && delivery.deliver_at != null;
  const body = JSON.stringify({
    data: {
      type: "event",
      attributes: {
        properties: {
          customer_email: v.textOrNull(recipient.email),
          customer_phone: v.textOrNull(recipient.phone),
          customer_name: v.name(first, last),
          customer_first_name: first,
          customer_last_name: last,
          sender_email: v.textOrNull(buyer.email),
          sender_phone: v.textOrNull(buyer.phone),
          sender_name: v.name(senderFirst, senderLast),
          sender_first_name: senderFirst,
          sender_last_name: senderLast,
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
          currency: v.text(v.object(store.currency).symbol),
          expiration_date: card.expires_at == null ? "Never" : v.day(card.expires_at, store.timezone),
          barcode_url: v.url(`https://${v.text(store.domain)}/barcodes/${v.text(barcode.format)}/${v.text(barcode.value)}.png`),
          is_gift: v.flag(order.is_gift),
          greeting_message: v.textOrNull(order.gift_message),
          scheduled,
          deliver_at: late ? v.timeOfDay(delivery.deliver_at, zone) : "Never",
          delivery_mode: v.text(delivery.mode),
          deliver_at_timezone: zone,
          delivered_to_sender: v.flag(delivery.to_sender),
          giftcard_theme_url: v.largeImage(v.objectOrNothing(card.theme)),
          client_order_id: order.client_order_id == null ? null : v.identifier(order.client_order_id),
          order_date: v.day(order.created_at, store.timezone),
          campaign_id: campaign == null ? null : v.identifier(campaign),
          activity_type: v.text(v.object(transaction.activity).type),
        },
        metric: { data: { type: "metric", attributes: { name: "OrderPlaced" } } },
        profile: { data: { type: "profile", attributes: v.profile(recipient) } },
        time: v.instant(event.occurred_at),
        unique_id: v.eventId(event.id),
      },
    },
  });
  return [body];
}
