// Brings nats-server onto this machine, if it is missing and may be installed. Who needs it looks for it, and says what to do.
import { findNats } from './nats.mjs';

findNats();
