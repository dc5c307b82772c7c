"""The record store on PostgreSQL.

``database`` connects, ``lines`` stores log lines, ``sweeping`` indexes their words meanwhile, ``search`` finds them.
"""
