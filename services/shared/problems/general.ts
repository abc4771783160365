import type { ProblemTable } from './problem-table.ts';

/** The problems that more than one service, or the public door itself, can answer with. */
export const generalProblems = {
  'already-exists': {
    statuses: [409],
    title: 'Resource already exists with different data',
    when: 'The request creates a resource under an id that is in use with different data.',
    remedy: 'Choose another id, or repeat the original request exactly; an exact repeat returns the existing resource.',
  },
  'body-too-large': {
    statuses: [413],
    title: 'Request body too large',
    when: 'The request body exceeds the size limit of 1 MiB.',
    remedy: 'Split the request into smaller ones.',
  },
  'body-unreadable': {
    statuses: [400],
    title: 'Request body not readable',
    when: 'The request body is not valid JSON in UTF-8, or its length differs from its Content-Length.',
    remedy: 'Send a complete JSON body.',
  },
  'cursor-invalid': {
    statuses: [422],
    title: 'Cursor invalid',
    when: 'The cursor is damaged, or belongs to another list or to other filters.',
    remedy: 'Use the nextCursor of a page of the same list with the same filters, or start without a cursor.',
  },
  'dead-letter-not-found': {
    statuses: [404],
    title: 'Dead letter not found',
    when: 'No undelivered event with this id is stored, for example because it has been replayed.',
    remedy: 'List the dead letters again.',
  },
  'idempotency-key-in-progress': {
    statuses: [409],
    title: 'First request with this key still running',
    when: 'Another request with the same Idempotency-Key and body has not finished yet.',
    remedy: 'Repeat the request with the same key after a second.',
  },
  'idempotency-key-invalid': {
    statuses: [400],
    title: 'Idempotency-Key invalid',
    when: 'The Idempotency-Key header is longer than 200 characters or has other than visible ASCII characters.',
    remedy: 'Send a key such as a UUID.',
  },
  'idempotency-key-reused': {
    statuses: [422],
    title: 'Idempotency-Key used with another body',
    when: 'The Idempotency-Key was used before for a request with another path or body.',
    remedy: 'Use a new key for a new request, or repeat the first request exactly.',
  },
  'internal-error': {
    statuses: [500],
    title: 'Internal error',
    when: 'The request met a fault in Marquee.',
    remedy: 'Report the traceId to support. A repeat with the same Idempotency-Key is safe.',
  },
  'invalid-field': {
    statuses: [422],
    title: 'Body has invalid fields',
    when: 'At least one field of the body is missing, unknown or has an invalid value; errors names each of them.',
    remedy: 'Correct the fields that errors points to.',
  },
  'invalid-parameter': {
    statuses: [422],
    title: 'Query has invalid parameters',
    when: 'At least one query parameter is missing, unknown or has an invalid value; errors names each of them.',
    remedy: 'Correct the parameters that errors points to.',
  },
  'media-type-unsupported': {
    statuses: [415],
    title: 'Media type not supported',
    when: 'The Content-Type of the request body is not one that this operation accepts.',
    remedy: 'Send JSON as application/json.',
  },
  'method-not-found': {
    statuses: [404],
    title: 'Method of the actor not found',
    when: 'A process of an older version received a call that only a newer version knows, during an update.',
    remedy: 'Repeat the request when every process has the same version.',
  },
  'method-not-allowed': {
    statuses: [405],
    title: 'Method not allowed',
    when: 'The path exists, but does not offer this method.',
    remedy: 'Use one of the methods in the Allow header.',
  },
  'not-authenticated': {
    statuses: [401],
    title: 'Authentication required',
    when: 'The request carries no bearer token.',
    remedy: 'Send an access token or an API key as "Authorization: Bearer <token>".',
  },
  'not-available': {
    statuses: [503],
    title: 'Service temporarily unavailable',
    when: 'A service or store that the request needs is temporarily unavailable.',
    remedy: 'Repeat the request after the time in Retry-After; with an Idempotency-Key a repeat is safe.',
  },
  'page-not-found': {
    statuses: [404],
    title: 'Page not found',
    when: 'The API reference has no page at this path.',
    remedy: 'Start at /docs.',
  },
  'path-id-invalid': {
    statuses: [404],
    title: 'Path parameter is not an id',
    when: 'A parameter in the path has characters that no id of its kind has, so it names nothing.',
    remedy: 'Use the id exactly as a response gave it.',
  },
  'path-not-found': {
    statuses: [404],
    title: 'Path not found',
    when: 'The API has no resource at this path.',
    remedy: 'Check the path against the API reference at /docs.',
  },
  'precondition-failed': {
    statuses: [412],
    title: 'Resource changed since it was read',
    when: 'The If-Match header names another version of the resource than the current one.',
    remedy: 'Read the resource again and repeat the change with its new ETag.',
  },
  'scope-missing': {
    statuses: [403],
    title: 'Scope missing',
    when: 'The token is valid, but does not hold the scope that the operation needs.',
    remedy: 'Use a token with the scope that the detail names.',
  },
  'sidecar-token-invalid': {
    statuses: [401],
    title: 'Sidecar token invalid',
    when: 'A call to the sidecar door of a process does not carry the token of its own sidecar.',
    remedy: 'Only the Dapr sidecar of the process may call this door; use the public API.',
  },
  'token-invalid': {
    statuses: [401],
    title: 'Token invalid',
    when: 'The bearer token is unknown, expired or revoked.',
    remedy: 'Request a new access token.',
  },
} as const satisfies ProblemTable;
