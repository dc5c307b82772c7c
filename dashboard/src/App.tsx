/** Pages and who may see them. */
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect } from "react";
import { Link, Navigate, Route, Routes, useLocation } from "react-router";

import { ApiError } from "./api/client";
import { live } from "./api/live";
import { getSession } from "./api/session";
import { Frame } from "./components/Frame";
import { Empty, Failed, Loading } from "./components/States";

const Login = lazy(() => import("./pages/Login"));
const Overview = lazy(() => import("./pages/Overview"));
const Metrics = lazy(() => import("./pages/Metrics"));
const Applications = lazy(() => import("./pages/Applications"));
const Settings = lazy(() => import("./pages/Settings"));
const Logs = lazy(() => import("./pages/Logs"));
const Alerts = lazy(() => import("./pages/Alerts"));

export function App() {
  return (
    <Suspense fallback={<Loading label="page" />}>
      <Routes>
        <Route path="/login" element={<Login />} />
        <Route element={<LoggedIn />}>
          <Route path="/" element={<Overview />} />
          <Route path="/metrics" element={<Metrics />} />
          <Route path="/logs" element={<Logs />} />
          <Route path="/alerts" element={<Alerts />} />
          <Route path="/applications" element={<Applications />} />
          <Route path="/settings" element={<Settings />} />
          <Route path="*" element={<Lost />} />
        </Route>
      </Routes>
    </Suspense>
  );
}

function Lost() {
  const { pathname } = useLocation();
  return (
    <Empty>
      <h1>There is no page at {pathname}</h1>
      <Link to="/">To the overview</Link>
    </Empty>
  );
}

/** The frame for those who are logged in; the login page, and back here, for others. */
function LoggedIn() {
  const location = useLocation();
  const session = useQuery({ queryKey: ["session"], queryFn: getSession, staleTime: 60_000 });
  const known = session.data !== undefined;
  useEffect(() => {
    if (known) live.open();
  }, [known]);
  if (session.error instanceof ApiError && session.error.status === 401) {
    const next = `${location.pathname}${location.search}`;
    return <Navigate to={{ pathname: "/login", search: new URLSearchParams({ next }).toString() }} replace />;
  }
  if (known) return <Frame />;
  if (session.isError) return <Failed what="Argus" error={session.error} retry={() => void session.refetch()} />;
  return <Loading label="Argus" />;
}
