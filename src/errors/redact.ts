const patterns: readonly [RegExp, string][] = [
  // user:password@ in a URL (RFC 3986 section 3.2.1).
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, '$1***@'],
  // An Authorization header or a bare scheme with its credentials (RFC 9110 section 11.4).
  [/\b(Basic|Bearer)\s+[A-Za-z0-9\-._~+/]{8,}=*/g, '$1 ***'],
  // Secrets as fields of JSON or of a query string.
  [
    /(["']?\b(?:password|passwd|secret|token|access_token|refresh_token|identitytoken|registrytoken|auth)\b["']?\s*[:=]\s*)("[^"]*"|'[^']*'|[^\s&,"'}]+)/gi,
    '$1***',
  ],
];

/** `text` without the secrets that it carries: credentials in URLs, authorization headers, token fields. */
export function redact(text: string): string {
  let redacted = text;
  for (const [pattern, replacement] of patterns) redacted = redacted.replaceAll(pattern, replacement);
  return redacted;
}
