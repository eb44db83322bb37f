"""The language of the window: English as it is written in the sources, or a translation of it.

A translation is two files of Qt's own format: ours, in assets/translations, and Qt's, which comes
with it. English needs ours alone, for its plurals ("1 conversation"). The compiled file is kept
beside its source because a checkout, a package and a frozen program then find it in the same place,
and none of them needs Qt's tools to be installed: `make translations` writes both, a test holds
them together.
"""

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from chatapp import paths
from chatapp.settings import Language

TRANSLATED = ("es",)
_SOURCE = "en"


def install(app: QCoreApplication, choice: Language) -> None:
    """Have everything that is built from now on speak the language that was chosen.

    Numbers and dates follow it, unless the system speaks it too: then they are the system's.
    """
    system = QLocale.system()
    wanted = _of_system() if choice == "system" else choice
    if choice != "system" and _name(system) != choice:
        QLocale.setDefault(QLocale(choice))
    elif system.language() == QLocale.Language.C:  # speaks English, but writes 12345
        system.setNumberOptions(QLocale.NumberOption.DefaultNumberOptions)
        QLocale.setDefault(system)
    folders = {f"chatapp_{wanted}": str(paths.assets_dir() / "translations")}
    if wanted != _SOURCE:
        qt_folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        folders[f"qtbase_{wanted}"] = qt_folder
    for name, folder in folders.items():
        translator = QTranslator(app)
        if translator.load(name, folder):
            app.installTranslator(translator)


def _of_system() -> str:
    """The first language of the system that there is a translation for; else English."""
    for name in QLocale.system().uiLanguages():
        language = _name(QLocale(name))
        if language in (*TRANSLATED, _SOURCE):
            return language
    return _SOURCE


def _name(locale: QLocale) -> str:
    return QLocale.languageToCode(locale.language())
