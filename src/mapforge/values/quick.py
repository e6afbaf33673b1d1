"""The rules that most values of an event pass: compiled, where this installation has them so, else those in Python.

Both give the same answers and the same errors. MAPFORGE_NO_EXTENSIONS in the environment takes those in Python.
"""

from __future__ import annotations

import os

__all__ = [
    "COMPILED",
    "check_utf8",
    "customer_gid",
    "date_writer",
    "day_text",
    "epoch_text",
    "filler",
    "instant",
    "is_plain",
    "key_of",
    "local",
    "local_text",
    "members_of",
    "number_text",
    "plain_members",
    "scaled_as_sent",
    "texts_object",
    "url",
    "uuid5_of",
    "valid_email",
    "valid_phone",
    "written",
    "written_list",
]

try:
    if os.environ.get("MAPFORGE_NO_EXTENSIONS"):
        raise ImportError
    from mapforge.values._quick import (
        check_utf8,
        customer_gid,
        date_writer,
        day_text,
        epoch_text,
        filler,
        instant,
        is_plain,
        key_of,
        local,
        local_text,
        members_of,
        number_text,
        plain_members,
        scaled_as_sent,
        texts_object,
        url,
        uuid5_of,
        valid_email,
        valid_phone,
        written,
        written_list,
    )

    COMPILED = True
except ImportError:
    from mapforge.values.dates import date_writer, day_text, epoch_text, instant, local, local_text
    from mapforge.values.identity import customer_gid, key_of, uuid5_of, valid_email, valid_phone
    from mapforge.values.money import number_text
    from mapforge.values.numbers import scaled_as_sent, written
    from mapforge.values.scalars import url
    from mapforge.values.wire import check_utf8, filler, is_plain, members_of, plain_members, texts_object, written_list

    COMPILED = False
