"""Each function has the type of the one in Python that it stands for."""

from mapforge.values.dates import date_writer as date_writer
from mapforge.values.dates import day_text as day_text
from mapforge.values.dates import epoch_text as epoch_text
from mapforge.values.dates import instant as instant
from mapforge.values.dates import local as local
from mapforge.values.dates import local_text as local_text
from mapforge.values.identity import customer_gid as customer_gid
from mapforge.values.identity import key_of as key_of
from mapforge.values.identity import uuid5_of as uuid5_of
from mapforge.values.identity import valid_email as valid_email
from mapforge.values.identity import valid_phone as valid_phone
from mapforge.values.money import number_text as number_text
from mapforge.values.numbers import scaled_as_sent as scaled_as_sent
from mapforge.values.numbers import written as written
from mapforge.values.scalars import url as url
from mapforge.values.wire import check_utf8 as check_utf8
from mapforge.values.wire import filler as filler
from mapforge.values.wire import is_plain as is_plain
from mapforge.values.wire import members_of as members_of
from mapforge.values.wire import plain_members as plain_members
from mapforge.values.wire import texts_object as texts_object
from mapforge.values.wire import written_list as written_list
