/** The server watches itself under this id. Nobody sends for it, so it needs no key. */
export const OWN_APP = "argus";
