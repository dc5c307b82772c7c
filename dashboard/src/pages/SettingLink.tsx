/** The way to a setting of the server: its value, where it was given, and how to change it. */
import { Link, useLocation } from "react-router";

import { carried } from "../lib/range";

export function SettingLink({ name }: { name: string }) {
  const { search } = useLocation();
  return (
    <Link className="mono" to={{ pathname: "/settings", search: carried(search, { part: "configuration", q: name }) }}>
      {name}
    </Link>
  );
}
