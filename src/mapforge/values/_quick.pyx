# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""The rules of `quick`, compiled: each answers the common forms of a value by its characters, and asks for the rest.

A function has the name, the answers and the errors of the Python one that it stands for, and that one is asked
wherever this one does not see at once what it would say.
"""

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.datetime cimport (
    PyDate_Check,
    PyDateTime_Check,
    date_day,
    date_month,
    date_year,
    datetime_day,
    datetime_hour,
    datetime_minute,
    datetime_month,
    datetime_new,
    datetime_second,
    datetime_year,
    import_datetime,
)
from libc.stdint cimport uint64_t
from libc.string cimport memcmp, memcpy, memset

from decimal import Decimal

from msgspec import UNSET, Raw

from mapforge.values import dates, identity, money, numbers, scalars, wire

cdef extern from "Python.h":
    bint PyUnicode_IS_COMPACT_ASCII(object)
    Py_ssize_t PyUnicode_GET_LENGTH(object)
    unsigned char* PyUnicode_1BYTE_DATA(object)
    object PyUnicode_New(Py_ssize_t, Py_UCS4)
    long long PyLong_AsLongLongAndOverflow(object, int*) except? -1

import_datetime()

cdef object _Decimal = Decimal
cdef object _Raw = Raw
cdef object _UNSET = UNSET
cdef object _url = scalars.url
cdef object _instant = dates.instant
cdef object _local = dates.local
cdef object _day_text = dates.day_text
cdef object _customer_gid = identity.customer_gid
cdef object _is_written_as_it_is = numbers.is_written_as_it_is
cdef object _Writer = money.Writer
cdef dict _zones = dates.zones


cdef inline const unsigned char* _ascii(object text, Py_ssize_t* length) noexcept:
    """The characters of a text of ASCII alone; NULL of anything else."""
    if type(text) is not str or not PyUnicode_IS_COMPACT_ASCII(text):
        return NULL
    length[0] = PyUnicode_GET_LENGTH(text)
    return PyUnicode_1BYTE_DATA(text)


cdef inline bint _is_digit(unsigned char character) noexcept:
    return c"0" <= character and character <= c"9"


cdef inline bint _is_alnum(unsigned char character) noexcept:
    return _is_digit(character) or (c"a" <= (character | 32) and (character | 32) <= c"z")


# ── numbers ───────────────────────────────────────────────────────────────────────────────────────


def written(places, cuts, slowly):
    """`numbers.written`."""
    cdef Py_ssize_t wanted = -1 if places is None else places
    cdef bint drops = cuts

    def of(raw):
        cdef Py_buffer view
        if raw is None:
            return slowly(b"null")
        PyObject_GetBuffer(raw, &view, PyBUF_SIMPLE)
        try:
            sent = _sent(raw, <const unsigned char*>view.buf, view.len, wanted, drops)
        finally:
            PyBuffer_Release(&view)
        return slowly(bytes(raw)) if sent is None else sent

    return of


# The whole part of a number that no rule changes, and its fraction: of few enough digits for every bound.
cdef enum:
    MOST_DIGITS = 15


cdef struct Number:
    bint negative
    Py_ssize_t whole  # where the whole part begins
    Py_ssize_t point  # where it ends
    Py_ssize_t places


cdef bint _is_common(const unsigned char* text, Py_ssize_t start, Py_ssize_t end, Number* number) noexcept:
    """Whether this is a number as JSON writes it, without an exponent, with few digits and no minus zero."""
    cdef Py_ssize_t at = start
    number.negative = at < end and text[at] == c"-"
    at += number.negative
    number.whole = at
    while at < end and _is_digit(text[at]):
        at += 1
    number.point, number.places = at, 0
    if not 0 < at - number.whole <= MOST_DIGITS:
        return False
    if text[number.whole] == c"0" and (number.negative or at - number.whole > 1):
        return False
    if at == end:
        return True
    if text[at] != c".":
        return False
    at += 1
    while at < end and _is_digit(text[at]):
        at += 1
    number.places = at - number.point - 1
    return at == end and 0 < number.places <= MOST_DIGITS


cdef object _sent(object raw, const unsigned char* text, Py_ssize_t length, Py_ssize_t places, bint drops):
    """What is sent of a number's JSON; None where that takes more than to add zeros, or to take away digits or quotes."""
    cdef Py_ssize_t start = 0, end = length
    cdef Number number
    if length > 2 and text[0] == c'"' and text[length - 1] == c'"':
        start, end = 1, length - 1
    if not _is_common(text, start, end, &number):
        return None
    if places < 0 or number.places == places:
        return raw if start == 0 else _Raw(text[start:end])
    if number.places < places:
        return _Raw(_padded(text + start, end - start, places - number.places, number.places == 0))
    if drops:
        return _Raw(text[start : number.point + (1 + places if places else 0)])
    return None


cdef bytes _padded(const unsigned char* number, Py_ssize_t length, Py_ssize_t zeros, bint point):
    made = PyBytes_FromStringAndSize(NULL, length + point + zeros)
    cdef char* text = PyBytes_AS_STRING(made)
    memcpy(text, number, length)
    text[length] = c"."
    memset(text + length + point, c"0", zeros)
    return made


def number_text(number, write, places, cuts):
    """`money.number_text`."""
    cdef Py_ssize_t wanted = -1 if places is None else places
    cdef bint drops = cuts
    cdef Py_ssize_t first, further
    if type(write) is not _Writer:
        return lambda value: write(number(value))
    point, group, sides, first, further = write.point, write.group, write.sides, write.first, write.further

    def of(value):
        cdef Number read
        cdef Py_ssize_t length = 0, at, end
        cdef const unsigned char* text
        cdef int overflow = 0
        digits = value
        if type(value) is _Decimal:
            digits = str(value)
        elif type(value) is int:
            PyLong_AsLongLongAndOverflow(value, &overflow)
            if not overflow:
                digits = str(value)
        text = _ascii(digits, &length)
        if text == NULL or not _is_common(text, 0, length, &read) or (read.places > wanted >= 0 and not drops):
            return write(number(value))
        before, after = sides[read.negative]
        whole = digits[read.whole : read.point]
        if read.point - read.whole > first:
            end = read.point - first
            groups = [digits[end : read.point]]
            while end > read.whole:
                at = max(read.whole, end - further)
                groups.insert(0, digits[at:end])
                end = at
            whole = group.join(groups)
        if wanted == 0 or (wanted < 0 and read.places == 0):
            return f"{before}{whole}{after}"
        fraction = digits[read.point + 1 : read.point + 1 + (read.places if wanted < 0 else wanted)]
        if read.places < wanted:
            fraction += "0" * (wanted - read.places)
        return f"{before}{whole}{point}{fraction}{after}"

    return of


def scaled_as_sent(places):
    """`numbers.scaled_as_sent`, with other types: bytes in place of a number."""
    cdef Py_ssize_t moved = -places
    cdef bint is_quick = 0 <= moved <= numbers.PLAIN_PLACES
    slowly = numbers.scaled_as_sent(places)

    def of(value):
        cdef int overflow = 0
        cdef long long number
        cdef char[24] text
        cdef Py_ssize_t at = 24, digits = 0
        cdef bint negative
        if type(value) is not int or not is_quick:
            return slowly(value)
        number = PyLong_AsLongLongAndOverflow(value, &overflow)
        if overflow or not -999_999_999_999_999 <= number <= 999_999_999_999_999:
            return slowly(value)
        negative = number < 0
        if negative:
            number = -number
        while number or digits <= moved:
            if digits == moved and moved:
                at -= 1
                text[at] = c"."
            at -= 1
            text[at] = <char>(c"0" + number % 10)
            number //= 10
            digits += 1
        if negative:
            at -= 1
            text[at] = c"-"
        return _Raw(text[at:24])

    return of


# ── texts ─────────────────────────────────────────────────────────────────────────────────────────


def url(value):
    """`scalars.url`."""
    cdef Py_ssize_t length = 0, host
    cdef const unsigned char* text = _ascii(value, &length)
    if text == NULL or length < 9 or memcmp(text, b"http", 4) != 0:
        return _url(value)
    host = 8 if text[4] == c"s" else 7
    if memcmp(text + host - 3, b"://", 3) != 0 or text[host] in (c"/", c"?", c"#"):
        return _url(value)
    return value if _are(text, length, c"!", False) else _url(value)


cdef bint[256] _in_local_part
for _character in range(256):
    _in_local_part[_character] = chr(_character) in ".!#$%&'*+/=?^_`{|}~-" or (
        _character < 128 and chr(_character).isalnum()
    )


def valid_email(str text not None):
    """`identity.valid_email`."""
    cdef Py_ssize_t length = 0, at = 0, label, labels = 0
    cdef const unsigned char* address = _ascii(text, &length)
    if address == NULL or length > 254:
        return False
    while at < length and _in_local_part[address[at]]:
        at += 1
    if at == 0 or at == length or address[at] != c"@":
        return False
    while at < length:
        at += 1  # the sign before the label
        label = at
        while at < length and (_is_alnum(address[at]) or address[at] == c"-"):
            at += 1
        if not 0 < at - label <= 63 or address[label] == c"-" or address[at - 1] == c"-":
            return False
        if at < length and address[at] != c".":
            return False
        labels += 1
    return labels > 1


def valid_phone(str text not None):
    """`identity.valid_phone`."""
    cdef Py_ssize_t length = 0, at
    cdef const unsigned char* number = _ascii(text, &length)
    if number == NULL or not 8 <= length <= 16 or number[0] != c"+" or number[1] == c"0":
        return False
    for at in range(1, length):
        if not _is_digit(number[at]):
            return False
    return True


def customer_gid(str text not None):
    """`identity.customer_gid`."""
    cdef Py_ssize_t length = 0, at = 0
    cdef const unsigned char* number = _ascii(text, &length)
    if number == NULL:
        return _customer_gid(text)
    if length > 23 and memcmp(number, b"gid://shopify/Customer/", 23) == 0:
        at = 23
    if not 1 <= length - at <= 20:
        return _customer_gid(text)
    while at < length:
        if not _is_digit(number[at]):
            return _customer_gid(text)
        at += 1
    return text if length > 23 else "gid://shopify/Customer/" + text


def key_of(*identifiers):
    """`identity.key_of`."""
    slowly = identity.key_of(*identifiers)
    cdef list starts = [f"{name}:" for name, _ in identifiers]
    cdef list mosts = [most for _, most in identifiers]
    cdef Py_ssize_t count = len(starts)

    def of(*values):
        cdef Py_ssize_t at, most
        key = None
        if len(values) != count:
            return slowly(*values)
        for at in range(count):
            value = values[at]
            if value is None:
                continue
            most = mosts[at]
            if type(value) is not str or PyUnicode_GET_LENGTH(value) > most:
                return slowly(*values)
            if key is None:
                key = <str>starts[at] + <str>value
        return slowly(*values) if key is None else key

    return of


def uuid5_of(str prefix not None):
    """`identity.uuid5_of`."""
    begun = identity.uuid5_begun(prefix)

    def of(str name not None):
        cdef const unsigned char* digest
        cdef unsigned char* text
        cdef Py_ssize_t at, to = 0
        cdef unsigned char byte
        hashed = begun.copy()
        hashed.update(name.encode())
        made = hashed.digest()
        digest = <const unsigned char*>PyBytes_AS_STRING(made)
        sent = PyUnicode_New(36, 127)
        text = PyUnicode_1BYTE_DATA(sent)
        for at in range(16):
            byte = digest[at]
            if at == 6:
                byte = (byte & 0x0F) | 0x50
            elif at == 8:
                byte = (byte & 0x3F) | 0x80
            if at in (4, 6, 8, 10):
                text[to] = c"-"
                to += 1
            text[to], text[to + 1] = _HEX[byte >> 4], _HEX[byte & 15]
            to += 2
        return sent

    return of


cdef const char* _HEX = "0123456789abcdef"


def check_utf8(bytes body not None):
    """`wire.check_utf8`."""
    if not _is_utf8(<const unsigned char*>PyBytes_AS_STRING(body), len(body)):
        wire.check_utf8(body)


cdef bint _is_utf8(const unsigned char* text, Py_ssize_t length) noexcept:
    """Whether it is UTF-8 as in table 3-7 of the Unicode standard: nothing overlong, no surrogate, at most U+10FFFF."""
    cdef Py_ssize_t at = 0
    cdef uint64_t[4] words
    cdef unsigned char lead, second
    while at < length:
        if at + 32 <= length:
            memcpy(words, text + at, 32)
            if not (words[0] | words[1] | words[2] | words[3]) & <uint64_t>0x8080808080808080:
                at += 32
                continue
        while at < length and text[at] < 0x80:
            at += 1
        if at == length:
            break
        lead = text[at]
        if lead < 0xC2 or lead > 0xF4 or at + 1 >= length:
            return False
        second = text[at + 1]
        if lead < 0xE0:
            if second & 0xC0 != 0x80:
                return False
            at += 2
            continue
        if (
            second < (0xA0 if lead == 0xE0 else 0x90 if lead == 0xF0 else 0x80)
            or second > (0x9F if lead == 0xED else 0x8F if lead == 0xF4 else 0xBF)
            or at + 2 >= length
            or text[at + 2] & 0xC0 != 0x80
        ):
            return False
        if lead < 0xF0:
            at += 3
            continue
        if at + 3 >= length or text[at + 3] & 0xC0 != 0x80:
            return False
        at += 4
    return True


# ── times ─────────────────────────────────────────────────────────────────────────────────────────


cdef struct Moment:
    int year, month, day, hour, minute, second, microsecond
    int offset  # minutes east of UTC
    bint aware


cdef inline int _two(const unsigned char* text) noexcept:
    """The number of two digits; far below 0 where they are not."""
    if _is_digit(text[0]) and _is_digit(text[1]):
        return (text[0] - c"0") * 10 + text[1] - c"0"
    return -10_000


cdef inline int _days_in(int year, int month) noexcept:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


cdef bint _read(const unsigned char* text, Py_ssize_t length, Moment* moment) noexcept:
    """Whether it is a moment as in RFC 3339, the offset at will, in capitals; then it is in `moment`."""
    cdef Py_ssize_t at = 19
    cdef int weight = 100_000, hours, minutes
    if length < 19 or text[4] != c"-" or text[7] != c"-" or text[10] != c"T" or text[13] != c":" or text[16] != c":":
        return False
    moment.year = _two(text) * 100 + _two(text + 2)
    moment.month, moment.day = _two(text + 5), _two(text + 8)
    moment.hour, moment.minute, moment.second = _two(text + 11), _two(text + 14), _two(text + 17)
    if moment.year < 1 or not 1 <= moment.month <= 12 or not 1 <= moment.day <= _days_in(moment.year, moment.month):
        return False
    if not (0 <= moment.hour < 24 and 0 <= moment.minute < 60 and 0 <= moment.second < 60):
        return False
    moment.microsecond = 0
    if at < length and text[at] == c".":
        at += 1
        if at == length or not _is_digit(text[at]):
            return False
        while at < length and _is_digit(text[at]):
            moment.microsecond += (text[at] - c"0") * weight
            weight //= 10
            at += 1
    moment.aware = at < length
    moment.offset = 0
    if at == length or (at + 1 == length and text[at] == c"Z"):
        return True
    if at + 6 != length or text[at] not in (c"+", c"-") or text[at + 3] != c":":
        return False
    hours, minutes = _two(text + at + 1), _two(text + at + 4)
    if not (0 <= hours < 24 and 0 <= minutes < 60):
        return False
    moment.offset = (hours * 60 + minutes) * (-1 if text[at] == c"-" else 1)
    return True


cdef void _to_utc(Moment* moment) noexcept:
    """Take the offset off; the year may leave 1 to 9999."""
    cdef int minutes = moment.hour * 60 + moment.minute - moment.offset
    moment.offset = 0
    if minutes < 0:
        minutes += 1440
        moment.day -= 1
        if moment.day == 0:
            moment.month -= 1
            if moment.month == 0:
                moment.year, moment.month = moment.year - 1, 12
            moment.day = _days_in(moment.year, moment.month)
    elif minutes >= 1440:
        minutes -= 1440
        moment.day += 1
        if moment.day > _days_in(moment.year, moment.month):
            moment.day = 1
            moment.month += 1
            if moment.month == 13:
                moment.year, moment.month = moment.year + 1, 1
    moment.hour, moment.minute = minutes // 60, minutes % 60


cdef inline void _put(unsigned char* text, int number) noexcept:
    text[0], text[1] = c"0" + number // 10, c"0" + number % 10


cdef object _second(const Moment* moment):
    """YYYY-MM-DDTHH:MM:SSZ of a moment in UTC."""
    sent = PyUnicode_New(20, 127)
    cdef unsigned char* made = PyUnicode_1BYTE_DATA(sent)
    memcpy(made, b"0000-00-00T00:00:00Z", 20)
    _put(made, moment.year // 100)
    _put(made + 2, moment.year % 100)
    _put(made + 5, moment.month)
    _put(made + 8, moment.day)
    _put(made + 11, moment.hour)
    _put(made + 14, moment.minute)
    _put(made + 17, moment.second)
    return sent


def day_text(value):
    """`dates.day_text`."""
    cdef Py_ssize_t length = 0
    cdef const unsigned char* text = _ascii(value, &length)
    cdef int year, month, day
    if text == NULL or length != 10 or text[4] != c"-" or text[7] != c"-":
        return _day_text(value)
    year, month, day = _two(text) * 100 + _two(text + 2), _two(text + 5), _two(text + 8)
    if year < 1 or not 1 <= month <= 12 or not 1 <= day <= _days_in(year, month):
        return _day_text(value)
    return value


def epoch_text(a_second):
    """`dates.epoch_text`."""
    cdef long long parts = a_second
    slowly = dates.epoch_text(a_second)

    def of(value, zone_name=None):
        cdef Moment moment
        cdef int overflow = 0
        cdef long long seconds, days, era, of_era, year, of_year, month
        if type(value) is not int:
            return slowly(value)
        seconds = PyLong_AsLongLongAndOverflow(value, &overflow)
        # Of the years 1970 to 9999; the days are told from 0000-03-01, so that the leap day ends a year.
        if overflow or seconds < 0 or seconds >= 253_402_300_800 * parts:
            return slowly(value)
        seconds //= parts
        days, seconds = seconds // 86_400 + 719_468, seconds % 86_400
        era, of_era = days // 146_097, days % 146_097
        year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
        of_year = of_era - (365 * year + year // 4 - year // 100)
        month = (5 * of_year + 2) // 153
        moment.day = <int>(of_year - (153 * month + 2) // 5 + 1)
        moment.month = <int>(month + 3 if month < 10 else month - 9)
        moment.year = <int>(year + era * 400 + (moment.month <= 2))
        moment.hour, moment.minute = <int>(seconds // 3600), <int>(seconds // 60 % 60)
        moment.second = <int>(seconds % 60)
        return _second(&moment)

    return of


def instant(value, zone_name=None):
    """`dates.instant`."""
    cdef Py_ssize_t length = 0
    cdef const unsigned char* text = _ascii(value, &length)
    cdef Moment moment
    if text == NULL or not _read(text, length, &moment) or not moment.aware:
        return _instant(value, zone_name)
    if moment.offset == 0 and length == 20:
        return value
    _to_utc(&moment)
    if not 1 <= moment.year <= 9999:
        return _instant(value, zone_name)
    return _second(&moment)


def local(value, zone_name):
    """`dates.local`."""
    return _placed(value, zone_name)


def local_text(write):
    """`dates.local_text`."""
    return lambda value, zone_name: write(_placed(value, zone_name))


cdef object _placed(object value, object zone_name):
    cdef Py_ssize_t length = 0
    cdef const unsigned char* text = _ascii(value, &length)
    cdef Moment moment
    zone = _zones.get(zone_name) if type(zone_name) is str else None
    if zone is None or text == NULL or not _read(text, length, &moment):
        return _local(value, zone_name)
    if moment.aware:
        _to_utc(&moment)
        # A day from either end, no zone leaves the years that there are.
        if not 2 <= moment.year <= 9998:
            return _local(value, zone_name)
    made = datetime_new(
        moment.year,
        moment.month,
        moment.day,
        moment.hour,
        moment.minute,
        moment.second,
        moment.microsecond,
        zone,
    )
    return zone.fromutc(made) if moment.aware else made


cdef enum:
    YEAR
    MONTH
    DAY
    HOUR
    MINUTE
    SECOND
    OTHER

_PARTS = {"year": YEAR, "month": MONTH, "day": DAY, "hour": HOUR, "minute": MINUTE, "second": SECOND}


def date_writer(str lead not None, parts):
    """`dates.date_writer`."""
    cdef list tables = [table for _, table in parts]
    cdef list reads = [dates.READS[name] for name, _ in parts]
    cdef bytes codes = bytes(_PARTS.get(name, OTHER) for name, _ in parts)
    cdef Py_ssize_t count = len(tables), of_a_day = 0
    cdef dict begun = {}
    for name, _ in parts:
        if name not in dates.OF_A_DAY:
            break
        of_a_day += 1

    def write(value):
        text = lead
        cdef Py_ssize_t first = 0
        if of_a_day and PyDate_Check(value):
            day = (date_year(value) * 12 + date_month(value)) * 31 + date_day(value)
            known = begun.get(day)
            if known is None:
                known = lead + _parts(value, tables, reads, codes, 0, of_a_day)
                if len(begun) == dates.MOST_DAYS:
                    begun.clear()
                begun[day] = known
            text, first = known, of_a_day
        return text if first == count else text + _parts(value, tables, reads, codes, first, count)

    return write


cdef str _parts(value, list tables, list reads, bytes codes, Py_ssize_t first, Py_ssize_t end):
    """The texts of these parts of a date."""
    cdef Py_ssize_t at
    cdef int code
    cdef list texts = []
    cdef bint timed = PyDateTime_Check(value)
    for at in range(first, end):
        code = codes[at]
        if not timed or code == OTHER:
            key = reads[at](value)
        elif code == YEAR:
            key = datetime_year(value)
        elif code == MONTH:
            key = datetime_month(value)
        elif code == DAY:
            key = datetime_day(value)
        elif code == HOUR:
            key = datetime_hour(value)
        elif code == MINUTE:
            key = datetime_minute(value)
        else:
            key = datetime_second(value)
        texts.append(tables[at][key])
    return "".join(texts)


# ── pieces of JSON ────────────────────────────────────────────────────────────────────────────────


def filler(*constants):
    """`wire.filler`."""
    slowly = wire.filler(*constants)
    cdef list before = [<bytes?>constant for constant in constants]
    cdef Py_ssize_t count = len(before) - 1, fixed = sum(map(len, before))

    def filled(*values):
        cdef Py_ssize_t at, size = fixed
        cdef char* to
        if len(values) != count:
            return slowly(*values)
        for at in range(count):
            value = values[at]
            if type(value) is not bytes and not _is_bare_text(value):
                return slowly(*values)
            size += _size(value)
        made = PyBytes_FromStringAndSize(NULL, size)
        to = PyBytes_AS_STRING(made)
        for at in range(count):
            to = _put_piece(_put_piece(to, before[at]), values[at])
        _put_piece(to, before[count])
        return made

    return filled


def texts_object(*names):
    """`wire.texts_object`."""
    return _object_of(names, None, True, wire.texts_object)


def members_of(*names):
    """`wire.members_of`."""
    return _object_of(names, _UNSET, False, wire.members_of)


def _object_of(tuple names, absent, bint whole, in_python):
    cdef list leads = [wire.encode(name) + b":" for name in names]

    def of(*values):
        made = _members(leads, values, absent, whole)
        return in_python(*names)(*values) if made is None else made

    return of


cdef bytes _members(list leads, tuple values, absent, bint whole):
    """The members that are there, each with a comma after it, or their object; None where it takes more to tell."""
    cdef Py_ssize_t at, size = whole, count = len(leads)
    cdef char* to
    if len(values) != count:
        return None
    for at in range(count):
        value = values[at]
        if value is not absent:
            if value is not None and not _is_bare_text(value):
                return None
            size += PyBytes_GET_SIZE(leads[at]) + _size(b"null" if value is None else value) + 1
    if whole and size == 1:
        return b"{}"
    made = PyBytes_FromStringAndSize(NULL, size)
    to = PyBytes_AS_STRING(made)
    if whole:
        to[0] = c"{"
    to += whole
    for at in range(count):
        value = values[at]
        if value is not absent:
            to = _put_piece(_put_piece(to, leads[at]), b"null" if value is None else value)
            to[0] = c","
            to += 1
    if whole:
        (to - 1)[0] = c"}"
    return made


cdef Py_ssize_t _size(object piece) except -1:
    """The bytes of what is JSON already, or of a text between quotes."""
    if type(piece) is str:
        return PyUnicode_GET_LENGTH(piece) + 2
    if type(piece) is not bytes:
        raise TypeError(f"bytes are wanted, not {type(piece).__name__}")
    return PyBytes_GET_SIZE(piece)


cdef char* _put_piece(char* to, object piece) noexcept:
    """Write what is JSON already, or a bare text between quotes; where the next one goes."""
    cdef Py_ssize_t length
    if type(piece) is str:
        length = PyUnicode_GET_LENGTH(piece)
        to[0] = to[length + 1] = c'"'
        memcpy(to + 1, PyUnicode_1BYTE_DATA(piece), length)
        return to + length + 2
    length = PyBytes_GET_SIZE(piece)
    memcpy(to, PyBytes_AS_STRING(piece), length)
    return to + length


cdef bint _is_bare_text(object value) noexcept:
    """Whether JSON has this text as it is, between quotes."""
    cdef Py_ssize_t length = 0
    cdef const unsigned char* text = _ascii(value, &length)
    return text != NULL and _is_bare(text, length)


cdef bint _is_bare(const unsigned char* text, Py_ssize_t length) noexcept:
    """Whether JSON has these characters of ASCII as they are: no control, no quote, no backslash."""
    return _are(text, length, c" ", True)


cdef inline bint _are(const unsigned char* text, Py_ssize_t length, unsigned char least, bint bare) noexcept:
    """Whether none of these characters of ASCII is before `least`, and none is a quote or a backslash, if so told."""
    cdef Py_ssize_t at
    cdef uint64_t word, wrong = 0
    for at in range(0, length - 7, 8):
        memcpy(&word, text + at, 8)
        wrong |= _wrong(word, least, bare)
    if length >= 8:
        memcpy(&word, text + length - 8, 8)
        return not wrong | _wrong(word, least, bare)
    for at in range(length):
        if text[at] < least or (bare and text[at] in (c'"', c"\\")):
            return False
    return True


cdef inline uint64_t _wrong(uint64_t word, unsigned char least, bint bare) noexcept:
    """Not 0 where one of eight characters is; each has its highest bit free, which a subtraction sets below zero."""
    cdef uint64_t ones = <uint64_t>0x0101010101010101, found = word - ones * least
    if bare:
        found |= ((word ^ (ones * c'"')) - ones) | ((word ^ (ones * c"\\")) - ones)
    return found & (ones * 0x80)


# ── what is kept ──────────────────────────────────────────────────────────────────────────────────


cdef enum:
    SLOW
    DATE
    DATE_TIME
    URL
    LINE
    WHOLE

# The types of metafields whose common texts are known here; any other value is written by the row's own function.
_TEXTS = {"date": DATE, "date_time": DATE_TIME, "url": URL, "single_line_text_field": LINE, "number_integer": WHOLE}


def written_list(bytes first not None, bytes last not None, rows):
    """`wire.written_list`."""
    cdef bytes codes = bytes(_TEXTS.get(name, SLOW) for name, _, _ in rows)
    cdef list betweens = [<bytes?>between for _, between, _ in rows]
    cdef list writers = [write for _, _, write in rows]
    cdef Py_ssize_t count = len(writers)

    def written(bytes subject not None, tuple values not None):
        cdef Py_ssize_t at, size = 1, around = len(first) + len(subject) + len(last) + 1
        cdef list texts = [None] * count
        cdef char* to
        if len(values) != count:
            raise ValueError(f"{len(values)} values for {count} rows")
        for at in range(count):
            value = values[at]
            if value is None or value is _UNSET or (type(value) is str and not value):
                continue
            text = value if _is_quotable(value, codes[at]) else _whole(value) if codes[at] == WHOLE else None
            texts[at] = writers[at](value) if text is None else text
            size += around + PyBytes_GET_SIZE(betweens[at]) + _size(texts[at])
        if size == 1:
            return b"[]"
        made = PyBytes_FromStringAndSize(NULL, size)
        to = PyBytes_AS_STRING(made)
        to[0] = c"["
        to += 1
        for at in range(count):
            if texts[at] is not None:
                to = _put_piece(_put_piece(_put_piece(to, first), subject), betweens[at])
                to = _put_piece(_put_piece(to, texts[at]), last)
                to[0] = c","
                to += 1
        (to - 1)[0] = c"]"
        return made

    return written


cdef bint _is_quotable(object value, int code) noexcept:
    """Whether a metafield's text is this text between quotes."""
    cdef Py_ssize_t length = 0
    cdef const unsigned char* text = _ascii(value, &length)
    if code == SLOW or code == WHOLE or text == NULL or length > 2048 or not _is_bare(text, length):
        return False
    if code == DATE:
        return length == 10 and _is_shaped(text, b"0000-00-00", 10)
    if code == DATE_TIME:
        return length == 20 and _is_shaped(text, b"0000-00-00T00:00:00Z", 20)
    return code != URL or _are(text, length, c"!", False)


cdef bytes _whole(object value):
    """The JSON of the text of an integer that is no more than JavaScript takes; None of anything else."""
    cdef int overflow = 0
    cdef long long number
    cdef char[24] text
    cdef Py_ssize_t at = 23
    cdef bint negative
    if type(value) is not int:
        return None
    number = PyLong_AsLongLongAndOverflow(value, &overflow)
    if overflow or not -9_007_199_254_740_991 <= number <= 9_007_199_254_740_991:
        return None
    negative = number < 0
    if negative:
        number = -number
    text[at] = c'"'
    while at == 23 or number:
        at -= 1
        text[at] = <char>(c"0" + number % 10)
        number //= 10
    if negative:
        at -= 1
        text[at] = c"-"
    at -= 1
    text[at] = c'"'
    return text[at:24]


cdef bint _is_shaped(const unsigned char* text, const char* shape, Py_ssize_t length) noexcept:
    """Whether a text has digits where a shape has them, and the shape's signs elsewhere."""
    cdef Py_ssize_t at
    for at in range(length):
        if text[at] != shape[at] and not (shape[at] == c"0" and _is_digit(text[at])):
            return False
    return True


def is_plain(value, int levels=1):
    """`wire.is_plain`."""
    return _is_plain(value, levels)


def plain_members(dict value not None, without, int levels=1):
    """`wire.plain_members`."""
    cdef bint whole = True
    for name, one in value.items():
        if not _is_plain_within(one, levels):
            return None
        if whole and name in without:
            whole = False
    return value if whole else {name: one for name, one in value.items() if name not in without}


cdef bint _is_plain(object value, int levels) except -1:
    if type(value) is dict:
        for one in (<dict>value).values():
            if not _is_plain_within(one, levels):
                return False
    else:
        for one in value:
            if not _is_plain_within(one, levels):
                return False
    return True


cdef bint _is_plain_within(object one, int levels) except -1:
    cdef int overflow = 0
    kind = type(one)
    if kind is str or kind is bool or one is None:
        return True
    if kind is int:
        PyLong_AsLongLongAndOverflow(one, &overflow)
        return overflow == 0
    if kind is _Decimal:
        return _is_written_as_it_is(one)
    return levels != 1 and (kind is dict or kind is list) and _is_plain(one, levels - 1)
