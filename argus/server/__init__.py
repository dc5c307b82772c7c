"""The server: takes batches in, stores them, answers queries, serves the dashboard."""
