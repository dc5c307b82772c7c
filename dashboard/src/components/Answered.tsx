/** What was asked of the server, in whichever state it is; while it is asked again the old data stay. */
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { Failed, Loading } from "./States";

interface Props<T> {
  query: UseQueryResult<T>;
  /** What it is, at the beginning of a sentence. */
  what: string;
  children: (data: T) => ReactNode;
}

export function Answered<T>({ query, what, children }: Props<T>) {
  if (query.data !== undefined) {
    return (
      <>
        {query.isError && (
          <p className="stale" role="status">
            What follows is from before: {query.error.message}
          </p>
        )}
        {children(query.data)}
      </>
    );
  }
  return (
    <div className="panel waiting">
      {query.isError ? <Failed what={what} error={query.error} retry={() => void query.refetch()} /> : <Loading label={what.toLowerCase()} />}
    </div>
  );
}
