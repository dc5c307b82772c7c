"""Alerts: rules, the state machine that judges them, the checker that feeds it, and what it leaves behind."""
