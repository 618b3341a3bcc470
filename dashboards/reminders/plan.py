"""From what is missing to mails. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from dashboards.brief import words
from dashboards.brief.reader import Stream
from dashboards.mail.log import Kept, Key
from dashboards.mail.outbox import Mail
from dashboards.reminders.contacts import Book
from dashboards.reminders.rules import Due, Matter, due
from ioc.calendar import working_days
from ioc.catalogue.owed import Owed
from ioc.clock import LOCAL
from ioc.contacts import To

_LEVEL: dict[To, str] = {
    "unit": "đơn vị báo cáo",
    "leader": "lãnh đạo phụ trách",
    "superior": "lãnh đạo cấp trên",
}


def matters(owed: Sequence[Owed], streams: Sequence[Stream], names: Mapping[str, str], today: date) -> list[Matter]:
    """What somebody is to be told of: missing reports, and streams and units that have been silent for too long (`stale`).

    Args:
        owed: reports that are missing.
        streams: what each stream, and each unit that reports itself, has told last.
        names: Vietnamese name of each unit.
        today: local day.
    """
    found = [
        Matter("report", one.unit, one.series, one.start, _owed(one), one.unit_name, one.late)
        for one in owed
        if one.unit
    ]
    for stream in streams:
        if stream.freshness == "stale" and stream.upto is not None and stream.age_s is not None:
            start = stream.upto.astimezone(LOCAL).date()
            told = f"{stream.source}/{stream.stream}"
            text = f"Nguồn {told}: không có tin từ {words.moment(stream.upto)} ({words.age(stream.age_s)})"
            unit, series = (stream.unit, told) if stream.unit else (stream.source, stream.stream)
            who = names.get(unit, unit)
            found.append(Matter("source", unit, series, start, text, who, max(0, working_days(start, today))))
    return found


def _owed(one: Owed) -> str:
    when = words.period(one.grain, one.start)
    several = f" và {one.periods - 1} kỳ tiếp theo" if one.periods > 1 else ""
    return (
        f"{one.name} ({one.series}), {when}{several}: hạn {words.day(one.due)}, chậm {one.late} ngày làm việc; "
        f"đã có {one.reported}/{one.expected} báo cáo"
    )


def plan(
    found: Sequence[Matter], kept: Mapping[Key, Kept], book: Book, names: Mapping[str, str], today: date
) -> tuple[list[tuple[Mail, list[Due]]], list[Matter]]:
    """The mails of today, one for each recipient, step and kind of matter; and what there is no address at all for."""
    own: dict[Matter, dict[Key, Kept]] = defaultdict(dict)
    by_name = {(one.about, one.unit, one.series, one.start): one for one in found}
    for key, state in kept.items():
        if (matter := by_name.get(key[:4])) is not None:
            own[matter][key] = state
    steps = book.contacts.step
    together: dict[tuple[str, str, int], list[Due]] = defaultdict(list)
    unaddressed: list[Matter] = []
    for matter in found:
        of_source = matter.about == "source" and matter.unit not in names

        def addresses(to: To, matter: Matter = matter, of_source: bool = of_source) -> list[str]:
            return book.source(matter.unit, to) if of_source else book.unit(matter.unit, to)

        if not any(addresses(step.to) for step in steps):
            unaddressed.append(matter)
        elif (one := due(matter, own[matter], steps, addresses, today)) is not None:
            for recipient in one.recipients:
                together[recipient, matter.about, one.step].append(one)
    mails = [
        (_mail(recipient, about, step, steps[step].to, dues, today), dues)
        for (recipient, about, step), dues in sorted(together.items())
    ]
    return mails, unaddressed


def _mail(recipient: str, about: str, step: int, to: To, dues: Sequence[Due], today: date) -> Mail:
    what = "báo cáo quá hạn" if about == "report" else "nguồn số liệu không có tin"
    units = list(dict.fromkeys(one.matter.who for one in dues))
    whose = units[0] if len(units) == 1 else f"{len(units)} đơn vị"
    lines = [
        "Kính gửi đồng chí,",
        "",
        f"Đến hết ngày {words.day(today)} Trung tâm Giám sát, điều hành thông minh "
        + ("chưa nhận được các báo cáo sau:" if about == "report" else "không nhận được số liệu từ các nguồn sau:"),
    ]
    for unit in units:
        lines += ["", f"{unit}:", *(f"- {one.matter.text}" for one in dues if one.matter.who == unit)]
    lines += [
        "",
        f"Đây là lời nhắc bước {step + 1}, gửi {_LEVEL[to]}. Mỗi báo cáo chỉ được nhắc một lần ở mỗi bước.",
        "Nếu đã báo cáo, xin bỏ qua thư này: số liệu được cập nhật ngay khi nguồn có.",
    ]
    subject = f"{'Nhắc' if to == 'unit' else 'Báo cáo lãnh đạo'}: {len(dues)} {what} – {whose}"
    return Mail(tuple(one.matter.key(step, recipient) for one in dues), subject, "\n".join(lines))
