"""Words as the embedded store's index knows them, so that both stores find the same lines.

That index is SQLite's FTS5 with ``unicode61 remove_diacritics 2``, whose tables of letters are in no document. So
SQLite itself is asked, once per character that is not ASCII: does it separate words, and if not, what is it without its
accent and in lower case?
"""

from __future__ import annotations

import sqlite3
import threading

TOKENIZER = "unicode61 remove_diacritics 2"
SURROGATES = range(0xD800, 0xE000)


class _Folds(dict[int, str]):
    """Code point → what stands for it in a word; a space where it separates words."""

    def __init__(self) -> None:
        super().__init__({code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)})
        self._lock = threading.Lock()
        # The lock keeps threads apart.
        self._index = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._index.execute(f"CREATE VIRTUAL TABLE one USING fts5(text, tokenize='{TOKENIZER}')")
        self._index.execute("CREATE VIRTUAL TABLE words USING fts5vocab(one, 'instance')")

    def __missing__(self, code: int) -> str:
        if code in SURROGATES:
            return " "
        with self._lock:
            self._index.execute("DELETE FROM one")
            self._index.execute("INSERT INTO one VALUES (?)", (f"x{chr(code)}x",))
            found = [word for (word,) in self._index.execute("SELECT term FROM words")]
        fold = self[code] = found[0][1:-1] if len(found) == 1 else " "
        return fold


_FOLDS = _Folds()
_ASCII = "".join(_FOLDS[code] for code in range(128)).encode() + bytes(128)


def words_of(text: str) -> list[str]:
    """Return the words of a text in their order, folded."""
    if text.isascii():  # most are, and bytes are translated ten times as fast
        return text.encode().translate(_ASCII).decode().split()
    return text.translate(_FOLDS).split()
