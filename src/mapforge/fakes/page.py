"""What came, and the faults that are set → one plain page of HTML, newest first, without anything from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import msgspec
from jinja2 import Environment

from mapforge.fakes.faults import Fault
from mapforge.fakes.received import Received

_SHOWN = 200
_CUT = 20_000
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>What the look-alikes received</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; max-width: 75rem }
table { border-collapse: collapse; margin: 0 0 2rem }
th, td { border-bottom: 1px solid #ccc; padding: .2rem .8rem .2rem 0; text-align: left; vertical-align: top }
td.n { text-align: right; font-variant-numeric: tabular-nums }
pre { margin: 0; white-space: pre-wrap; max-width: 60rem }
.doubled, .refused, .mailed, .dropped { background: #fde8e8 }
.duplicate { background: #fff6d6 }
</style>
<h1>What the look-alikes received</h1>
<p>Klaviyo, Omnisend and Shopify as <code>mapforge fake-platforms</code> plays them. Nothing here has left this machine.
Reload for more. {% if forgotten.values()|sum %}No longer listed or known: {% for name, count in forgotten.items()
%}{{ name }} {{ count }}{{ ", " if not loop.last }}{% endfor %}.{% endif %}</p>
<h2>Counts</h2>
{% if counts %}<table><tr><th>platform<th>account<th>kind<th>outcome<th>count</tr>
{% for row in counts %}<tr class="{{ row.outcome }}"><td>{{ row.platform }}<td>{{ row.account }}<td>{{ row.kind
}}<td>{{ row.outcome }}<td class="n">{{ row.count }}</tr>
{% endfor %}</table>{% else %}<p>Nothing yet.</p>{% endif %}
<h2>Calls</h2>
{% if answers %}<table><tr><th>platform<th>account<th>endpoint<th>status<th>fault<th>count</tr>
{% for row in answers %}<tr><td>{{ row.platform }}<td>{{ row.account }}<td>{{ row.endpoint
}}<td>{{ row.status or "no answer" }}<td>{{ row.fault or "" }}<td class="n">{{ row.count }}</tr>
{% endfor %}</table>{% else %}<p>None yet.</p>{% endif %}
<h2>Faults that are set</h2>
{% if faults %}<table><tr><th>fault<th>met</tr>
{% for fault in faults %}<tr><td><code>{{ fault.said }}</code><td class="n">{{ fault.met }}</tr>
{% endfor %}</table>{% else %}<p>None.</p>{% endif %}
<h2>Refused calls, newest first</h2>
{% if refused %}<table><tr><th>at<th>platform<th>account<th>endpoint<th>status<th>why</tr>
{% for call in refused %}<tr><td>{{ call.at }}<td>{{ call.platform }}<td>{{ call.account }}<td>{{ call.endpoint
}}<td>{{ call.status or "no answer" }}<td>{{ call.said }}{% if call.body
%}<details><summary>body</summary><pre>{{ call.body }}</pre></details>{% endif %}</tr>
{% endfor %}</table>{% else %}<p>None.</p>{% endif %}
<h2>Events and profiles, newest first</h2>
{% if items %}<table><tr><th>at<th>platform<th>account<th>outcome<th>what</tr>
{% for item in items %}<tr class="{{ item.outcome }}"><td>{{ item.at }}<td>{{ item.platform }}<td>{{ item.account
}}<td>{{ item.outcome }}<td><details><summary>{{ item.kind }} {{ item.name }} {{ item.id }}</summary>
<pre>{{ item.body }}</pre></details></tr>
{% endfor %}</table>{% else %}<p>Nothing yet.</p>{% endif %}
</html>
"""
_TEMPLATE = Environment(autoescape=True).from_string(_PAGE)


def page(received: Received, faults: Sequence[Fault], forgotten: Mapping[str, int]) -> str:
    """The page: counts of all, and the newest 200 of each list."""
    return _TEMPLATE.render(
        counts=received.counts(),
        answers=received.answers(),
        faults=[{"said": said(fault), "met": fault.met} for fault in faults],
        refused=[_call(call) for call in islice((one for one in received.calls() if one.said), _SHOWN)],
        items=[_item(item) for item in islice(received.items(), _SHOWN)],
        forgotten={**received.forgotten, **forgotten},
    )


def said(fault: Fault) -> str:
    """What was told, as JSON without what was not."""
    told = {name: value for name, value in msgspec.structs.asdict(fault.control).items() if value is not None}
    return msgspec.json.encode(told).decode()


def _item(item: Any) -> dict[str, Any]:
    body = msgspec.json.format(bytes(item.body), indent=2).decode()[:_CUT]
    return {**msgspec.structs.asdict(item), "at": _time(item.at), "body": body}


def _call(call: Any) -> dict[str, Any]:
    return {**msgspec.structs.asdict(call), "at": _time(call.at), "body": (call.body or "")[:_CUT]}


def _time(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%H:%M:%S")
