class Unsigned(Exception):
    pass


def headers_of(s):
    return ()


def verify(s, secrets, headers, raw, now):
    if headers.get("authorization") != f"Bearer {secrets[0].reveal()}":
        raise Unsigned("x")


def sign(s, secret, raw, now):
    return {"Authorization": f"Bearer {secret.reveal()}"}
