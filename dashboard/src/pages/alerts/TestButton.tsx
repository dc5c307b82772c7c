/** Sends a test message and says how that ended. */
import { useMutation } from "@tanstack/react-query";
import Button from "react-bootstrap/Button";

import { testChannel, testMail } from "../../api/channels";

export type Place = { email: string } | { channel: number };

export function TestButton({ to, label }: { to: Place; label: string }) {
  const test = useMutation({ mutationFn: (place: Place) => ("email" in place ? testMail(place.email) : testChannel(place.channel)) });
  const { data } = test;
  const good = data?.result === "sent";
  return (
    <div className="test-button">
      <Button size="sm" variant="quiet" disabled={test.isPending} onClick={() => test.mutate(to)}>
        {test.isPending ? "Sending …" : label}
      </Button>
      <span role="status" className={`small ${good ? "text-ok" : "text-error"}`}>
        {test.error?.message ?? (data === undefined ? "" : good ? `Sent. ${data.detail}` : `Not sent: ${data.detail}`)}
      </span>
    </div>
  );
}
