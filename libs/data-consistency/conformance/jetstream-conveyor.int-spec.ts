import { NatsServer } from '../../../test/support/nats-server.js';
import { describeConveyor } from './conveyor-conformance.fixture.js';
import { jetStreamBelt } from './jetstream-belt.fixture.js';

let server: NatsServer;
beforeAll(async () => void (server = await NatsServer.start()));
afterAll(() => server.remove());

describeConveyor('the JetStream conveyor', () => jetStreamBelt(() => server));
