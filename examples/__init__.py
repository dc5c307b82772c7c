"""Programs that Argus watches, written the way a user would."""
