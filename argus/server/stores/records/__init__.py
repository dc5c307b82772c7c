"""The embedded record store: one SQLite file. ``lines`` holds the log lines and their index, ``store`` the rest."""
