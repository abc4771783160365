/** Something the embedded set needs, and in words where it came from. */
export type Obtained<T> = { readonly value: T; readonly from: string };

/** Told what is going on while something takes its time. */
export type Say = (message: string) => void;

export const message = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.message === 'fetch failed' ? `${error.message}: ${error.cause.message}` : error.message;
};
