"""How a model of the shelf is put into words a newcomer understands; figures one layer down."""

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QLocale

from chatapp.gui.sentences import translated

if TYPE_CHECKING:
    from chatapp.library.shelf import ModelEntry

_LICENSES = {
    "apache-2.0": "Apache 2.0",
    "mit": "MIT",
    "bsd-3-clause": "BSD",
    "cc-by-4.0": "CC BY 4.0",
    "cc-by-sa-4.0": "CC BY-SA 4.0",
    "cc-by-nc-4.0": "CC BY-NC 4.0",
    "gpl-3.0": "GPL 3.0",
    "agpl-3.0": "AGPL 3.0",
    "other": "",
}
ARCHITECTURES = {
    "gpt": "GPT", "gpt2": "GPT-2", "llama": "Llama", "rnn": "RNN", "lstm": "LSTM", "gru": "GRU",
    "transformer": "Transformer", "bert": "BERT",
}  # fmt: skip


def size(n_bytes: int) -> str:
    """A number of bytes: "98 MB", "5.0 GB", "42 GB"."""
    digits = 1 if 10**9 <= n_bytes < 10**10 else 0
    return _locale().formattedDataSize(n_bytes, digits, QLocale.DataSizeFormat.DataSizeSIFormat)


def number(value: int) -> str:
    """A whole number with its thousands set apart."""
    return _locale().toString(value)


def problem(entry: "ModelEntry") -> str:
    """Why it cannot be used; "" when it can."""
    return "" if entry.error is None else translated(entry.error)


def kind(entry: "ModelEntry") -> str:
    """What sort of model it is, or why it cannot be used."""
    if entry.error:
        return problem(entry)
    context = QCoreApplication.translate("ModelsPage", "{} context").format(
        number(entry.n_ctx_train)
    )
    other = entry.architecture[:1].upper() + entry.architecture[1:]
    parts = [ARCHITECTURES.get(entry.architecture, other), bits(entry), context]
    return " · ".join(part for part in parts if part)


def bits(entry: "ModelEntry") -> str:
    """How finely its weights are kept: "4-bit"; "" when the name of the packing does not say."""
    found = re.search(r"\d+", entry.quantization)
    if found is None:
        return ""
    return QCoreApplication.translate("ModelsPage", "{}-bit").format(found[0])


def license_name(entry: "ModelEntry") -> str:
    """The licence as people write it; "" when the file does not say."""
    return _LICENSES.get(entry.license.lower(), entry.license)


def fit(entry: "ModelEntry") -> tuple[str, str]:
    """Whether it fits this computer, and the tone to say it in: accent, warn or bad."""
    if entry.error:
        return QCoreApplication.translate("ModelsPage", "cannot open"), "bad"
    if entry.fit is None:
        return "", "accent"
    if entry.fit.level == "easy":
        return QCoreApplication.translate("ModelsPage", "fits easily"), "accent"
    if entry.fit.level == "tight":
        return QCoreApplication.translate("ModelsPage", "just fits"), "warn"
    text = QCoreApplication.translate("ModelsPage", "needs {}, has {}")
    return text.format(size(entry.fit.needs_bytes), size(entry.fit.has_bytes)), "bad"


def figures(entry: "ModelEntry") -> str:
    """The layer below: parameters, packing, context, licence."""
    known = license_name(entry) or QCoreApplication.translate("ModelsPage", "not stated")
    parts = [
        QCoreApplication.translate("ModelsPage", "{} parameters").format(_rounded(entry.n_params)),
        entry.quantization,
        QCoreApplication.translate("ModelsPage", "context of {} tokens").format(
            number(entry.n_ctx_train)
        ),
        QCoreApplication.translate("ModelsPage", "licence: {}").format(known),
    ]
    return " · ".join(parts)


def advice(entry: "ModelEntry") -> str:
    """In whole sentences: whether it can be used here, and what to do if not."""
    if entry.error:
        return problem(entry)
    if entry.fit is None:
        return ""
    needs, has = size(entry.fit.needs_bytes), size(entry.fit.has_bytes)
    if entry.fit.level == "easy":
        text = QCoreApplication.translate("ModelsPage", "It takes {} of memory; {} are free.")
    elif entry.fit.level == "tight":
        text = QCoreApplication.translate(
            "ModelsPage", "It just fits: it takes {} of memory, and {} are free."
        )
    else:
        text = QCoreApplication.translate(
            "ModelsPage",
            "It needs {} of memory and {} are free. Close other programs, or use a smaller model.",
        )
    text = text.format(needs, has)
    if entry.has_chat_template:
        return text
    plain = QCoreApplication.translate(
        "ModelsPage", "It was not made for chat: it goes on with what you write."
    )
    return f"{text} {plain}"


def spoken(entry: "ModelEntry", is_default: bool) -> str:
    """One row of the list as a screen reader says it."""
    parts = [entry.name, kind(entry), size(entry.size_bytes), fit(entry)[0]]
    if is_default:
        parts.append(QCoreApplication.translate("ModelsPage", "used for new chats"))
    return ", ".join(part for part in parts if part)


def _locale() -> QLocale:
    locale = QLocale()
    locale.setNumberOptions(QLocale.NumberOption.DefaultNumberOptions)  # "C" sets none apart
    return locale


def _rounded(n_params: int) -> str:
    for unit, name in ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "K")):
        if n_params >= unit:
            value = n_params / unit
            return _locale().toString(value, "f", 1 if value < 10 else 0) + name
    return str(n_params)
