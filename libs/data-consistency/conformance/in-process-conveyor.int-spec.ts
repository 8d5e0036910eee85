import { InProcessConveyor } from '@holdfast/messaging';
import { describeConveyor } from './conveyor-conformance.fixture.js';

describeConveyor('the in-process conveyor', () => ({
  enter: () => ({ conveyor: new InProcessConveyor(), leave: async () => {} }),
}));
