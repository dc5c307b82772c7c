"""A small web shop's worth of records, for the browser to look at."""

import logging
import random
import time

import argus

argus.init()
log = logging.getLogger("shop.pay")
logging.getLogger().setLevel(logging.DEBUG)
chance = random.Random(1)
HOSTILE = "<img src=x onerror=alert(1)>"

argus.increment("hostile." + HOSTILE, tags={"who": "\u202e" + HOSTILE, "long": "x" * 256, "party": "🎉"})
log.error("hostile %s", HOSTILE, extra={HOSTILE: HOSTILE})
argus.event("deploy", "v1.4")
while True:
    argus.increment("orders", tags={"shop": chance.choice(["oslo", "bergen", "tromsø"])})
    argus.timing("http.request", chance.lognormvariate(-4, 0.6), tags={"route": chance.choice(["/", "/cart", "/pay"])})
    argus.gauge("queue", chance.randint(0, 20))
    order = chance.randint(1, 9999)
    if order % 9 == 0:
        log.warning("payment of order %d refused: card expired", order, extra={"order": order})
    elif order % 4 == 0:
        log.info("payment of order %d accepted", order, extra={"order": order})
    time.sleep(0.02)
