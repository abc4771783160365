/** The caller of a request. `scopes` holds `admin` for administrators, who may do everything. */
export type Principal = {
  readonly subject: string;
  readonly kind: 'user' | 'client' | 'api-key' | 'anonymous';
  readonly scopes: readonly string[];
};

export const anonymous: Principal = { subject: 'anonymous', kind: 'anonymous', scopes: [] };

/**
 * The holder of the local key, which only the owner of the data folder of an embedded start can
 * read.
 */
export const localAdministrator: Principal = { subject: 'local', kind: 'api-key', scopes: ['admin'] };
