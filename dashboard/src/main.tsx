import "./theme.scss";
import "./parts.scss";

import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";

import { ApiError } from "./api/client";
import { live } from "./api/live";
import { isReachable, onReachable } from "./api/reachable";
import { App } from "./App";
import { applyTheme } from "./components/useTheme";

applyTheme();

/** A login that ended in the middle is noticed by whatever asks first; asking for the session then leads to the login. */
function noticeEnd(error: unknown): void {
  if (error instanceof ApiError && error.status === 401) void cache.invalidateQueries({ queryKey: ["session"] });
}

const cache = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, query) => {
      if (query.queryKey[0] !== "session") noticeEnd(error);
    },
  }),
  mutationCache: new MutationCache({
    onError: (error) => {
      // A wrong password is a 401 too, but there is no session to end then.
      if (cache.getQueryData(["session"]) !== undefined) noticeEnd(error);
    },
  }),
  defaultOptions: {
    queries: {
      refetchOnWindowFocus: false,
      retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
    },
  },
});

live.onSessionEnd(() => void cache.invalidateQueries({ queryKey: ["session"] }));
window.addEventListener("online", () => live.wake());
onReachable(() => {
  if (isReachable()) live.wake();
});

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={cache}>
      <BrowserRouter basename={new URL(document.baseURI).pathname.replace(/\/$/, "")}>
        <App />
      </BrowserRouter>
    </QueryClientProvider>
  </StrictMode>,
);
