# GiftcardIssued to Klaviyo, all in jq: types, patterns, what is missing, rounding, times and the body.

def text: if type == "string" and utf8bytelength <= 100000 then . else error("not a text, or too long") end;
def object: if type == "object" then . else error("not an object") end;
def object_or_nothing: if . == null then {} else object end;
def integer: if type == "number" and floor == . then . else error("not an integer") end;
def whole: integer | if -9223372036854775808 <= . and . < 9223372036854775808 then . else error("not of 64 bits") end;
def identifier: if type == "string" then . else integer | tostring end;
def within(least; most): if least <= length and length <= most then . else error("too short or too long") end;
def url: if type == "string" and test("\\Ahttps?://[^/?#\\s]\\S*\\z") then . else error("not a URL") end;
def or_null(f): if . == null then null else f end;

def decimal:
  if type == "number" then .
  elif type == "string" and length <= 51 and test("\\A-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\\z") then tonumber
  else error("not a decimal number") end
  | if -1e50 < . and . < 1e50 then . else error("too many digits") end;
def money: decimal * 100 | trunc / 100;

# Seconds since 1970. jq knows no time zone by its name, so a time without an offset is none.
def moment:
  text
  | capture("\\A(?<day>[0-9-]{10})[Tt](?<clock>[0-9:]{8})(?:\\.[0-9]+)?(?:[Zz]|(?<sign>[+-])(?<h>[0-9]{2}):(?<m>[0-5][0-9]))\\z")
    // error("not a date and time")
  | "\(.day)T\(.clock)Z" as $read
  | ($read | fromdateiso8601) as $seconds
  | if ($seconds | todateiso8601) != $read then error("not a date and time") else . end
  | if .sign == null then $seconds
    else $seconds - (if .sign == "-" then -60 else 60 end) * ((.h | tonumber) * 60 + (.m | tonumber)) end;

def email:
  if length <= 99 and test("\\A[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
    + "(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)+\\z") then . else null end;
def phone: if test("\\A\\+[1-9][0-9]{6,14}\\z") then . else null end;

def large_image:
  .images
  | if . == null then [] elif type == "array" then map(object_or_nothing) else error("images are not a list") end
  | map(select(.size == "large"))
  | if . == [] then null else .[0].url | url end;

object
| if .type != "giftcard.issued" then error("not a giftcard.issued") else . end
| (.store | object) as $store
| (.customer | object_or_nothing) as $customer
| (.wallet | object_or_nothing) as $wallet
| (.card | object) as $card
| (.transaction | object) as $transaction
| ($customer.email | or_null(text)) as $email
| ($customer.phone | or_null(text)) as $phone
| ($customer.first_name | or_null(text)) as $first
| ($customer.last_name | or_null(text)) as $last
| ($customer.loyalty | object_or_nothing) as $loyalty
| ($card.barcode | object) as $barcode
| ($transaction.type | text) as $kind
| (.occurred_at | moment | if . < 631152000 then error("before 1990") else todateiso8601 end) as $time
| ({
    email: ($email | or_null(email)),
    phone_number: ($phone | or_null(phone)),
    external_id: ($customer.id | or_null(identifier | within(1; 255)))
  } | with_entries(select(.value != null))) as $person
| if $person == {} then error("nobody to send it to") else . end
| {data: {type: "event", attributes: {
    properties: {
      customer_email: $email,
      customer_phone: $phone,
      customer_name: ([$first, $last] | map(select(. != null and . != "")) | join(" ") | if . == "" then null else . end),
      customer_first_name: $first,
      customer_last_name: $last,
      company_name: ($store.name | text),
      store_name: $store.name,
      loyalty_card_balance: ($loyalty.points | or_null(whole)),
      store_credit_balance: (($customer.store_credit | object_or_nothing).balance | or_null(decimal)),
      vip_tier: (($loyalty.tier | object_or_nothing).name | or_null(text)),
      google_pass_url: (($wallet.google | object_or_nothing).url | or_null(url)),
      apple_pass_url: (($wallet.apple | object_or_nothing).url | or_null(url)),
      card_number: ($card.number | identifier),
      card_pin: ($card.pin | or_null(identifier)),
      card_id: ($card.id | identifier),
      original_value: ($card.original_value | money),
      balance: ($card.balance | money),
      amount: ($transaction.amount | money),
      currency: (($store.currency | object).symbol | text),
      expiration_date: ($card.expires_at | if . == null then "Never" else moment | strftime("%B %-d, %Y") end),
      giftcard_theme_url: ($card.theme | object_or_nothing | large_image),
      barcode_url:
        ("https://\($store.domain | text)/barcodes/\($barcode.format | text)/\($barcode.value | text).png" | url),
      transaction_type: $kind,
      greeting_message: (if $kind == "ISSUED" then $transaction.note | or_null(text) else null end),
      campaign_id: (($transaction.campaign | object_or_nothing).id | or_null(identifier)),
      activity_type: (($transaction.activity | object).type | text)
    },
    metric: {data: {type: "metric", attributes: {name: "GiftcardIssued"}}},
    profile: {data: {type: "profile", attributes: $person}},
    time: $time,
    unique_id: (.id | identifier | within(1; 255))
  }}}
