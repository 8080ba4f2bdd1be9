/**
 * Sentences that clients know, by code, for errors whose own message must not say them: redaction would take the
 * word after `X-Registry-Auth:` for a secret.
 */
export const wordings: Readonly<Record<string, string>> = {
  'registry-auth-missing': 'bad parameters and missing X-Registry-Auth: invalid X-Registry-Auth header: EOF',
};
