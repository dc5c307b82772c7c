/** The server's time, in Unix seconds, renewed every `seconds`. */
import { useEffect, useState } from "react";

import { serverNow } from "../lib/clock";

export function useNow(seconds: number): number {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), seconds * 1000);
    return () => clearInterval(timer);
  }, [seconds]);
  return now;
}
