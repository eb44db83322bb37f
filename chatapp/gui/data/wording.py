"""How times, sizes and numbers of the user's data are put into words."""

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLocale, Qt


def size(n_bytes: int) -> str:
    """A number of bytes: "98 kB", "4.2 MB"."""
    digits = 0 if n_bytes < 10**6 else 1
    form = QLocale.DataSizeFormat.DataSizeSIFormat
    return QLocale().formattedDataSize(n_bytes, digits, form)


def moment(text: str) -> str:
    """A time of the history, on the user's clock: "Today, 14:03", "21 Nov 2026, 09:15"."""
    time = QDateTime.fromString(text, Qt.DateFormat.ISODateWithMs).toLocalTime()
    clock = QLocale().toString(time.time(), QLocale.FormatType.ShortFormat)
    days = time.date().daysTo(QDate.currentDate())
    if days == 0:
        return QCoreApplication.translate("data", "Today, {}").format(clock)
    if days == 1:
        return QCoreApplication.translate("data", "Yesterday, {}").format(clock)
    return f"{QLocale().toString(time.date(), 'd MMM yyyy')}, {clock}"
