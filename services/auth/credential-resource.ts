import { z } from 'zod';
import { utcInstant } from '../shared/fields.ts';
import type { Instant } from '../shared/time.ts';
import { scopeSchema } from './scopes.ts';
import type { Credential } from './store.ts';

/** A credential as clients and events see it; its secret is returned once, when it is created. */
export type CredentialResource = {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly createdBy: string;
  readonly createdAt: Instant;
  readonly revokedAt: Instant | null;
};

export const credentialSchema = z
  .object({
    id: z.string().meta({ description: 'key_... of an API key, cli_... of an OAuth client' }),
    name: z.string(),
    scopes: z.array(scopeSchema),
    createdBy: z.string().meta({ description: 'Id of the user, client or API key that created it' }),
    createdAt: utcInstant,
    revokedAt: utcInstant.nullable().meta({ description: 'Null while the credential works' }),
  })
  .meta({ id: 'Credential', description: 'An API key or an OAuth client, without its secret' });

export const createdCredentialSchema = credentialSchema
  .extend({ secret: z.string().meta({ description: 'Returned only in this response' }) })
  .meta({ id: 'CreatedCredential', description: 'An API key or an OAuth client, with its secret' });

export const credentialResource = ({ _id, name, scopes, createdBy, createdAt, revokedAt }: Credential): CredentialResource => ({
  id: _id,
  name,
  scopes,
  createdBy,
  createdAt,
  revokedAt,
});
