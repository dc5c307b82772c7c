/** `/api/v1/channels` and `/api/v1/test-mail`, argus/server/routes/channels.py */
import { request } from "./client";
import type { ChangedChannel, Channels, ChannelWithSecret, NewChannel, TestResult } from "./types";

export type { ChannelInfo, Channels, ChannelWithSecret, NewChannel, TestResult } from "./types";

const path = "api/v1/channels";

export const getChannels = (signal: AbortSignal): Promise<Channels> => request<Channels>({ path, signal });

export const createChannel = (body: NewChannel): Promise<ChannelWithSecret> => request<ChannelWithSecret>({ method: "POST", path, body });

export const changeChannel = (id: number, body: ChangedChannel): Promise<ChannelWithSecret> =>
  request<ChannelWithSecret>({ method: "PATCH", path: `${path}/${id}`, body });

export const deleteChannel = (id: number): Promise<unknown> => request({ method: "DELETE", path: `${path}/${id}` });

/** Sends a message and waits for what the other side says. */
export const testChannel = (id: number): Promise<TestResult> => request<TestResult>({ method: "POST", path: `${path}/${id}/test` });

export const testMail = (email: string): Promise<TestResult> =>
  request<TestResult>({ method: "POST", path: "api/v1/test-mail", body: { email } });
