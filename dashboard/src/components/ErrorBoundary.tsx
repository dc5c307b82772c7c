/** Keeps a page's failure to that page; navigating away resets it (give it the path as its key). */
import { Component, type ReactNode } from "react";

import { Failed } from "./States";

export class ErrorBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return <Failed what="This page" error={this.state.error} retry={() => this.setState({ error: null })} />;
  }
}
