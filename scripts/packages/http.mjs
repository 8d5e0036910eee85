// Stands for an import of node:http. A module that is imported has all its exports read, and node:http offers `WebSocket` and its
// events, for which Node loads all of undici: 70 ms of work at the start of a process that never needs them. A
// process that does has them as globals.
const http = process.getBuiltinModule('node:http');

export default http;
export const {
  Agent,
  ClientRequest,
  IncomingMessage,
  METHODS,
  OutgoingMessage,
  STATUS_CODES,
  Server,
  ServerResponse,
  _connectionListener,
  createServer,
  get,
  globalAgent,
  maxHeaderSize,
  request,
  setGlobalProxyFromEnv,
  setMaxIdleHTTPParsers,
  validateHeaderName,
  validateHeaderValue,
} = http;
