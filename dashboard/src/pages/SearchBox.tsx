/** The search box of the logs page: searches on Enter, or when typing pauses. */
import { useEffect, useState } from "react";
import Form from "react-bootstrap/Form";

const PAUSE_MILLISECONDS = 400;

export function SearchBox({ value, onSearch }: { value: string; onSearch: (text: string) => void }) {
  const [text, setText] = useState(value);
  const [shown, setShown] = useState(value);
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
  return (
    <Form
      className="search"
      onSubmit={(event) => {
        event.preventDefault();
        onSearch(text);
      }}
    >
      <Form.Control
        type="search"
        aria-label="Search the logs"
        placeholder={'payment "exact words" -not level:error logger:shop.* user=42'}
        spellCheck={false}
        autoComplete="off"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
    </Form>
  );
}
