/** Where alerts go: channels, each with a button that tries it, and the mail server. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import Button from "react-bootstrap/Button";

import { type ChannelInfo, deleteChannel, getChannels, testChannel } from "../api/channels";
import { Ago } from "../components/Ago";
import { Answered } from "../components/Answered";
import { type Column, DataTable } from "../components/DataTable";
import { FormDialog } from "../components/FormDialog";
import { Panel } from "../components/Panel";
import { Empty } from "../components/States";
import { labelOf } from "../lib/channels";
import { ChangeChannelDialog, NewChannelDialog, SecretDialog } from "./ChannelDialogs";
import { MailServer } from "./MailServer";
import { TestOutcome } from "./TestOutcome";

const KEY = ["channels"];

type Asked = { about: "new" } | { about: "change" | "delete"; channel: ChannelInfo } | { about: "secret"; secret: string };

export function ChannelSettings() {
  const query = useQuery({ queryKey: KEY, queryFn: ({ signal }) => getChannels(signal) });
  const cache = useQueryClient();
  const [asked, setAsked] = useState<Asked | null>(null);
  const close = (): void => setAsked(null);
  const stored = (secret: string | null): void => {
    void cache.invalidateQueries({ queryKey: KEY });
    setAsked(secret === null ? null : { about: "secret", secret });
  };
  return (
    <>
      <Panel
        title="Channels"
        note="A name for an address that only Argus needs to know; rules of alerts say which they tell."
        actions={
          <Button size="sm" onClick={() => setAsked({ about: "new" })}>
            New channel
          </Button>
        }
      >
        <Answered query={query} what="The channels">
          {({ channels }) =>
            channels.length === 0 ? (
              <Empty>There is no channel yet. Make one to hear of alerts by mail, in a chat or by a webhook.</Empty>
            ) : (
              <DataTable label="Channels" columns={columns(setAsked)} rows={channels} keyOf={(channel) => channel.id} />
            )
          }
        </Answered>
        {asked?.about === "new" && <NewChannelDialog onStored={stored} onHide={close} />}
        {asked?.about === "change" && <ChangeChannelDialog channel={asked.channel} onStored={stored} onHide={close} />}
        {asked?.about === "delete" && <DeleteChannel channel={asked.channel} onDeleted={() => stored(null)} onHide={close} />}
        {asked?.about === "secret" && <SecretDialog secret={asked.secret} onHide={close} />}
      </Panel>
      <MailServer />
    </>
  );
}

function columns(ask: (asked: Asked) => void): Column<ChannelInfo>[] {
  return [
    { head: "Channel", cell: (one) => <span className="fw-semibold">{one.name}</span> },
    { head: "Kind", brief: true, cell: (one) => labelOf(one.kind) },
    { head: "Address", cell: (one) => <span className="mono">{one.target}</span> },
    { head: "Changed", brief: true, cell: (one) => <Ago time={one.updated_at} never="" /> },
    { head: "Actions", actions: true, cell: (one) => <Actions channel={one} ask={ask} /> },
  ];
}

function Actions({ channel, ask }: { channel: ChannelInfo; ask: (asked: Asked) => void }) {
  const test = useMutation({ mutationFn: () => testChannel(channel.id) });
  return (
    <div className="channel-actions">
      <div className="d-flex justify-content-end gap-2">
        <Button size="sm" variant="quiet" aria-label={`Test ${channel.name}`} disabled={test.isPending} onClick={() => test.mutate()}>
          Test
        </Button>
        <Button size="sm" variant="quiet" aria-label={`Change ${channel.name}`} onClick={() => ask({ about: "change", channel })}>
          Change
        </Button>
        <Button size="sm" variant="quiet" aria-label={`Delete ${channel.name}`} onClick={() => ask({ about: "delete", channel })}>
          Delete
        </Button>
      </div>
      <TestOutcome test={test} />
    </div>
  );
}

function DeleteChannel({ channel, onDeleted, onHide }: { channel: ChannelInfo; onDeleted: () => void; onHide: () => void }) {
  const remove = useMutation({ mutationFn: () => deleteChannel(channel.id), onSuccess: onDeleted });
  return (
    <FormDialog
      title={`Delete ${channel.name}?`}
      action="Delete"
      danger
      pending={remove.isPending}
      error={remove.error}
      onSubmit={() => remove.mutate()}
      onHide={onHide}
    >
      <p className="mb-0">What waits to be sent to it is given up. A channel that a rule names cannot be deleted.</p>
    </FormDialog>
  );
}
