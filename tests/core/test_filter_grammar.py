"""The filter bar: what is typed comes back as it was meant, what can't be understood is pointed at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_tui.core.clock import microseconds
from audit_tui.core.filter_grammar import FilterError, format_filter, parse_filter
from audit_tui.core.filters import EventFilter

NOW = microseconds("2024-09-14 22:20:00+00") or 0
VALUES = st.text('ab*/:\\" \t\n\u202e-.', min_size=1, max_size=6) | st.text(min_size=1, max_size=6)
MOMENTS = st.integers(-62_135_596_800_000_000, 253_402_300_799_999_998)
ADDRESSES = st.ip_addresses().map(str) | st.just("203.0.113.0/24") | st.just("2001:db8::/32")


@st.composite
def filters(draw: st.DrawFn) -> EventFilter:
    since = draw(st.none() | MOMENTS)
    until = draw(st.none() | MOMENTS.filter(lambda us: since is None or us > since))
    return EventFilter(
        event_type=draw(st.none() | VALUES),
        actor=draw(st.none() | VALUES),
        resource_type=draw(st.none() | VALUES),
        resource_id=draw(st.none() | VALUES),
        ip=draw(st.none() | ADDRESSES),
        since_us=since,
        until_us=until,
        text=draw(st.none() | VALUES),
    )


@given(filters())
def test_what_is_written_is_read_back(wanted: EventFilter) -> None:
    assert parse_filter(format_filter(wanted), NOW) == wanted


def attempt(text: str) -> EventFilter | FilterError:
    try:
        return parse_filter(text, NOW)
    except FilterError as refused:
        return refused


@given(st.text('typeacorsinu:/"\\ *2d\n', max_size=30) | st.text(max_size=20))
def test_anything_typed_is_understood_or_pointed_at(text: str) -> None:
    made = attempt(text)
    if isinstance(made, FilterError):
        assert text[made.position :].startswith(made.word)
        assert made.hint
        assert made.exit_code == 2
    else:
        assert parse_filter(format_filter(made), NOW) == made


def test_every_field_at_once() -> None:
    typed = (
        "type:user.* actor:usr_1 resource:user/usr_456 ip:203.0.113.7 since:2d "
        'until:2024-09-14T10:00Z text words "quoted  text"'
    )
    assert parse_filter(typed, NOW) == EventFilter(
        event_type="user.*",
        actor="usr_1",
        resource_type="user",
        resource_id="usr_456",
        ip="203.0.113.7",
        since_us=microseconds("2024-09-12 22:20:00+00"),
        until_us=microseconds("2024-09-14 10:00:00+00"),
        text="text words quoted  text",
    )


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("", EventFilter()),
        ("   ", EventFilter()),
        ("resource:user", EventFilter(resource_type="user")),
        ("resource:user/a/b", EventFilter(resource_type="user", resource_id="a/b")),
        ("resource_type:a/b resource_id:c", EventFilter(resource_type="a/b", resource_id="c")),
        ('actor:"John Doe"', EventFilter(actor="John Doe")),
        ('"type:x"', EventFilter(text="type:x")),
        ('"a \\"b\\" \\\\"', EventFilter(text='a "b" \\')),
        ("ip:203.0.113.77/24", EventFilter(ip="203.0.113.0/24")),
        ("ip:2001:DB8::1", EventFilter(ip="2001:db8::1")),
        ('since:"yesterday 10:00"', EventFilter(since_us=microseconds("2024-09-13 10:00:00+00"))),
        ("100% [/nope] 'x'", EventFilter(text="100% [/nope] 'x'")),
    ],
)
def test_what_is_understood(typed: str, wanted: EventFilter) -> None:
    assert parse_filter(typed, NOW) == wanted


@pytest.mark.parametrize(
    ("typed", "word", "position", "why"),
    [
        ("typ:x", "typ:x", 0, "no field 'typ'"),
        ("a https://x.y", "https://x.y", 2, "no field 'https'"),
        ("ok -type:x", "-type:x", 3, "no field '-type'"),
        ('a "bc', '"bc', 2, "quotation mark"),
        ('a"b', 'a"b', 0, "quotation mark"),
        ("type:", "type:", 0, "no value"),
        ('actor:""', 'actor:""', 0, "no value"),
        ("type:a type:b", "type:b", 7, "given twice"),
        ("resource:a resource_id:b", "resource_id:b", 11, "given twice"),
        ("resource_type:a resource:b", "resource:b", 16, "given twice"),
        ("resource:/x", "resource:/x", 0, "TYPE/ID"),
        ("resource:x/", "resource:x/", 0, "TYPE/ID"),
        ("ip:1.2.3", "ip:1.2.3", 0, "neither an address nor a network"),
        ("ip:1.2.3.4/33", "ip:1.2.3.4/33", 0, "neither an address nor a network"),
        ("ip:fe80::1%eth0", "ip:fe80::1%eth0", 0, "neither an address nor a network"),
        ("x since:01/02/2024", "since:01/02/2024", 2, "ambiguous"),
        ("until:2024-02-30", "until:2024-02-30", 0, "not a date"),
        ("since:1d until:2d", "until:2d", 9, "not before"),
        ("until:2d since:2d", "since:2d", 9, "not before"),
    ],
)
def test_what_is_refused_is_pointed_at(typed: str, word: str, position: int, why: str) -> None:
    with pytest.raises(FilterError) as refused:
        parse_filter(typed, NOW)
    assert (refused.value.word, refused.value.position) == (word, position)
    assert why in refused.value.title
    assert refused.value.hint


def test_a_near_field_is_suggested() -> None:
    with pytest.raises(FilterError, match="did you mean actor:"):
        parse_filter("acter:usr_1", NOW)
