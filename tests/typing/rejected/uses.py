"""Uses that a type checker must refuse: each line says with which error."""

import argus

argus.increment(7)  # expect: arg-type
argus.increment("orders", "three")  # expect: arg-type
argus.increment("orders", tags={"shop": 1})  # expect: dict-item
argus.gauge("queue")  # expect: call-arg
argus.init(ulr="http://127.0.0.1:8000")  # expect: call-arg
argus.init(flush_interval="soon")  # expect: arg-type
client = argus.Client()
client.increment(7)  # expect: arg-type
client.gauge("queue")  # expect: call-arg
argus.counter("orders").add(1)  # expect: attr-defined


@argus.timed("f")
def plain(a: int) -> bool:
    return a > 0


plain("x")  # expect: arg-type
