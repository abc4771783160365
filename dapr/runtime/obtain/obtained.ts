/** Something that Marquee runs on, and where it came from, in words. */
export type Obtained<T> = { readonly value: T; readonly from: string };

/** Receives the present activity while something takes its time. */
export type SetActivity = (activity: string) => void;

/** The message of an error; a failed fetch is explained by its cause. */
export const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.message === 'fetch failed' ? `${error.message}: ${error.cause.message}` : error.message;
};
