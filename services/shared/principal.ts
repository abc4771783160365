/** Who asks. `scopes` holds `admin` for administrators, who may do everything. */
export type Principal = {
  readonly subject: string;
  readonly kind: 'user' | 'client' | 'api-key' | 'anonymous';
  readonly scopes: readonly string[];
};

export const anonymous: Principal = { subject: 'anonymous', kind: 'anonymous', scopes: [] };

/** Whoever may read the local key, which lies in the data folder of an embedded start for its owner alone. */
export const localAdministrator: Principal = { subject: 'local', kind: 'api-key', scopes: ['admin'] };
