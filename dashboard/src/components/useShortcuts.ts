/** `/` focuses the page's search, `g` and a letter jumps, `?` lists them. Typing in a field is never a shortcut. */
import { useEffect, useRef } from "react";
import { useLocation, useNavigate } from "react-router";

import { carried } from "../lib/range";
import { PAGES } from "./pageList";

const SECOND_KEY_MILLISECONDS = 1000;

export function useShortcuts(onHelp: () => void): void {
  const navigate = useNavigate();
  const { search } = useLocation();
  const leader = useRef(0);
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input, textarea, select") !== null) return;
      const jump = PAGES.find((page) => page.jump === event.key)?.path;
      if (jump !== undefined && event.timeStamp - leader.current < SECOND_KEY_MILLISECONDS) {
        void navigate({ pathname: jump, search: carried(search) });
      } else if (event.key === "/") {
        event.preventDefault();
        document.querySelector<HTMLInputElement>("input[type=search]")?.focus();
      } else if (event.key === "?") {
        onHelp();
      }
      leader.current = event.key === "g" ? event.timeStamp : 0;
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, [navigate, search, onHelp]);
}
