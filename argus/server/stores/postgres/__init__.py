"""The record store on PostgreSQL: ``database`` connects, ``lines`` stores log lines, ``search`` finds them."""
