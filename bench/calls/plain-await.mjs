import { callLoop, reply } from './call-loop.mjs';

const answer = async ({ pieces }) => (pieces > 0 ? reply : undefined);

export const start = () => ({ window: ({ ms }) => callLoop({ ms, call: answer }) });
