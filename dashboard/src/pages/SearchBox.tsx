/** The search box of the logs page: completes fields and values, searches on Enter or when typing pauses. */
import { useEffect, useId, useRef, useState } from "react";
import Form from "react-bootstrap/Form";

import { complete, type Known, suggest, type Suggestion } from "../lib/completion";

const PAUSE_MILLISECONDS = 400;

interface Props {
  value: string;
  known: Known;
  onSearch: (text: string) => void;
}

export function SearchBox({ value, known, onSearch }: Props) {
  const list = useId();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(value);
  const [shown, setShown] = useState(value);
  const [cursor, setCursor] = useState(value.length);
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  if (value !== shown) {
    // The URL changed by other means: a filter was clicked, or one went back.
    setShown(value);
    setText(value);
  }
  useEffect(() => {
    if (text === value) return undefined;
    const timer = setTimeout(() => onSearch(text), PAUSE_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [text, value, onSearch]);
  const found = open ? suggest(text, cursor, known) : [];
  const take = (suggestion: Suggestion): void => {
    const next = complete(text, cursor, suggestion);
    setText(next.text);
    setCursor(next.cursor);
    setAt(-1);
    requestAnimationFrame(() => input.current?.setSelectionRange(next.cursor, next.cursor));
  };
  const pressed = (event: React.KeyboardEvent): void => {
    const chosen = found[at];
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && open && found.length > 0) {
      event.preventDefault();
      setAt((at + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length);
    } else if ((event.key === "Enter" || event.key === "Tab") && chosen !== undefined) {
      event.preventDefault();
      take(chosen);
    } else if (event.key === "Escape" && open) {
      setOpen(false);
    } else if (event.key === "Enter") {
      event.preventDefault();
      setOpen(false);
      onSearch(text);
    }
  };
  return (
    <div className="combo search">
      <Form.Control
        ref={input}
        type="search"
        role="combobox"
        aria-label="Search the logs"
        aria-expanded={found.length > 0}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={found[at] === undefined ? undefined : `${list}-${at}`}
        placeholder={'payment "exact words" -not level:error logger:shop.* user=42'}
        spellCheck={false}
        autoComplete="off"
        value={text}
        onKeyDown={pressed}
        onBlur={() => setOpen(false)}
        onSelect={(event) => setCursor(event.currentTarget.selectionStart ?? 0)}
        onClick={() => setOpen(true)}
        onChange={(event) => {
          setText(event.target.value);
          setCursor(event.target.selectionStart ?? event.target.value.length);
          setOpen(true);
          setAt(-1);
        }}
      />
      <ul className="combo-list" id={list} role="listbox" aria-label="Completions" hidden={found.length === 0}>
        {found.map((suggestion, i) => (
          <li
            key={suggestion.text}
            id={`${list}-${i}`}
            role="option"
            aria-selected={i === at}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => take(suggestion)}
          >
            <span className="mono">{suggestion.text}</span>
            <span className="muted">{suggestion.hint}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
