"""The SDK: records into an aggregator, and delivers its windows to the server."""
