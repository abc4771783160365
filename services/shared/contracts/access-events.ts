import { z } from 'zod';
import { utcInstant } from '../fields.ts';

const credential = (description: string, id: string, example: object) =>
  z
    .object({
      id: z.string().meta({ examples: [id] }),
      name: z.string().meta({ examples: ['Back office'] }),
      scopes: z.array(z.string()).meta({ examples: [['customers:read']] }),
      createdBy: z.string().meta({ description: 'The principal who created it', examples: ['usr_1'] }),
      createdAt: utcInstant,
      revokedAt: utcInstant.nullable(),
    })
    .meta({ description, example });

export const accessEvents = {
  'user.registered': z
    .object({ id: z.string().meta({ examples: ['usr_1'] }), scopes: z.array(z.string()).meta({ examples: [['self']] }) })
    .meta({ description: 'An end user of an app registered.' }),
  'api-key.created': credential('An API key was created.', 'key_1', { revokedAt: null }),
  'api-key.revoked': credential('An API key was revoked.', 'key_1', {}),
  'client.created': credential('An OAuth client was created.', 'cli_1', { revokedAt: null }),
  'client.revoked': credential('An OAuth client was revoked.', 'cli_1', {}),
};
