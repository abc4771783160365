import type { ProblemTable } from './problem-table.ts';

/** The problems of the auth service. */
export const authProblems = {
  'api-key-not-found': {
    statuses: [404],
    title: 'API key not found',
    when: 'The id in the path belongs to no API key.',
    remedy: 'List the API keys and use the id of one of them.',
  },
  'client-not-found': {
    statuses: [404],
    title: 'OAuth client not found',
    when: 'The id in the path belongs to no OAuth client.',
    remedy: 'List the OAuth clients and use the id of one of them.',
  },
  'invalid-client': {
    statuses: [401],
    title: 'OAuth client refused',
    when: 'The id or the secret of the client is missing, wrong or revoked.',
    remedy: 'Send the id and the secret of an active client, in the form or by HTTP Basic.',
  },
  'invalid-grant': {
    statuses: [401],
    title: 'Credentials refused',
    when: 'The user name and password are wrong, or the refresh token is unknown, used or expired.',
    remedy: 'Check the credentials, or let the user sign in again.',
  },
  'invalid-scope': {
    statuses: [403],
    title: 'Requested scope not held',
    when: 'A token was requested with a scope that the user or client does not hold.',
    remedy: 'Request fewer scopes, or omit scope to receive all scopes that are held.',
  },
  'scope-not-held': {
    statuses: [403],
    title: 'Scope cannot be granted',
    when: 'A credential was to be created with a scope that its creator does not hold.',
    remedy: 'Remove the scope, or let an administrator create the credential.',
  },
  'too-many-attempts': {
    statuses: [429],
    title: 'Too many sign-in attempts',
    when: 'Several attempts to sign in to this account failed one after the other.',
    remedy: 'Wait for the number of seconds in the Retry-After header, then sign in again.',
  },
} as const satisfies ProblemTable;
