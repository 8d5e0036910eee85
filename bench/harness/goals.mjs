/** More is better. */
export const atLeast = (value) => ({ text: `≥ ${value}`, isMet: (reached) => reached >= value });

/** Less is better. */
export const atMost = (value) => ({ text: `≤ ${value}`, isMet: (reached) => reached <= value });

/** Exactly that, such as nothing lost. */
export const exactly = (value) => ({ text: `= ${value}`, isMet: (reached) => reached === value });
