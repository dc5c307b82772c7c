import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import Button from "react-bootstrap/Button";
import Form from "react-bootstrap/Form";
import { useNavigate, useSearchParams } from "react-router";

import { live } from "../api/live";
import { logIn } from "../api/session";
import { Mark } from "../components/Mark";
import { useDark } from "../components/useTheme";
import { ownPath } from "../lib/ownPath";

export default function Login() {
  useDark();
  const [password, setPassword] = useState("");
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const cache = useQueryClient();
  const login = useMutation({
    mutationFn: logIn,
    onSuccess: (session) => {
      cache.setQueryData(["session"], session);
      live.wake();
      void navigate(ownPath(params.get("next"), window.location.origin), { replace: true });
    },
  });
  return (
    <main className="login">
      <Form
        className="panel"
        onSubmit={(event) => {
          event.preventDefault();
          login.mutate(password);
        }}
      >
        <div className="d-flex align-items-center gap-2 mb-4">
          <Mark size={32} />
          <h1>Argus</h1>
        </div>
        <input type="text" name="username" autoComplete="username" value="admin" readOnly hidden />
        <Form.Group controlId="password" className="mb-3">
          <Form.Label>Password of the administrator</Form.Label>
          <Form.Control
            type="password"
            autoComplete="current-password"
            autoFocus
            required
            value={password}
            isInvalid={login.isError}
            onChange={(event) => setPassword(event.target.value)}
          />
          <Form.Control.Feedback type="invalid">{login.error?.message}</Form.Control.Feedback>
          <Form.Text className="muted">
            It was shown when the server first started. <code>argus admin set-password</code> sets a new one.
          </Form.Text>
        </Form.Group>
        <Button type="submit" className="w-100" disabled={login.isPending}>
          Log in
        </Button>
      </Form>
    </main>
  );
}
