"""Business days of Brazilian banks, and due days of the month."""

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache

from bot.domain.errors import Invalid

_SATURDAY = 5
_DAY = timedelta(days=1)
_FIRST_YEAR, _LAST_YEAR = 1900, 2199


def is_business_day(day: date) -> bool:
    """Whether banks serve the public on that day: Monday to Friday, no bank holiday.

    The holidays are those of B3 (`holidays.financial_holidays("BVMF")`) and 31 December, on which
    banks do not serve the public. That list equals Febraban's, but for 24 December: closed at B3,
    two hours at the banks. Counted as closed, the doubt falls in the customer's favour.
    Raises `Invalid` ("date_range") before 1900 and after 2199.
    """
    return day.weekday() < _SATURDAY and day not in _bank_holidays(day.year)


def last_day_without_charges(due_on: date) -> date:
    """The last day on which a bill due on `due_on` can be paid at its face amount.

    A bill due when banks are closed can be paid on the next business day (Lei 7.089/1983, art. 1;
    Código Civil, art. 132 §1). If that day is missed too, days late count from `due_on` itself.
    Raises `Invalid` ("date_range") before 1900 and after 2199.
    """
    day = due_on
    while not is_business_day(day):
        day += _DAY
    return day


def due_date(year: int, month: int, due_day: int) -> date:
    """The date of a monthly due day, 1 to 31: the last of the month where the month is shorter.

    Raises `Invalid` ("date_range") for a day, month or year that is none.
    """
    if not 1 <= due_day <= 31:
        raise Invalid("date_range", "A due day is 1 to 31.")
    if not 1 <= month <= 12 or not date.min.year <= year <= date.max.year:
        raise Invalid("date_range", "No such month.")
    return date(year, month, min(due_day, monthrange(year, month)[1]))


def add_months(day: date, months: int) -> date:
    """The same day `months` later (or earlier, if negative), or the last day of that month.

    For a series of due dates start each from the due day (`due_date`), not from the date before:
    the 31st passed through February would stay the 28th. Raises `Invalid` ("date_range").
    """
    index = day.year * 12 + day.month - 1 + months
    return due_date(index // 12, index % 12 + 1, day.day)


@lru_cache(maxsize=64)
def _bank_holidays(year: int) -> frozenset[date]:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise Invalid("date_range", f"Bank holidays are known from {_FIRST_YEAR} to {_LAST_YEAR}.")
    # Half a second of import at first use (the library loads every country), 0.3 ms a year after.
    from holidays import financial_holidays

    return frozenset(financial_holidays("BVMF", years=year)) | {date(year, 12, 31)}
