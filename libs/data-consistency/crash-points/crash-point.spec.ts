import { jest } from '@jest/globals';
import { crashPoint, hasTrap, setTrap } from './crash-point.js';
import { openCrashRoom } from './crash-room.js';

afterEach(() => setTrap(undefined));

describe('a crash point', () => {
  it('is nothing but its work as long as no trap is set, and asks for no detail', async () => {
    const detail = jest.fn(() => 'x');
    expect(hasTrap()).toBe(false);
    expect(await crashPoint('relay.carry', detail, async () => 7)).toBe(7);
    await expect(crashPoint('relay.carry', detail, async () => Promise.reject(new Error('its own')))).rejects.toThrow(
      'its own',
    );
    expect(detail).not.toHaveBeenCalled();
  });

  it('hands its work to the trap, which may do it, or not', async () => {
    const passed: string[] = [];
    setTrap(async (point, detail, work) => {
      passed.push(`${point}(${detail})`);
      return work();
    });
    const work = async () => 7;
    expect(await crashPoint('relay.carry', () => 'notes', work)).toBe(7);
    setTrap(() => Promise.reject(new Error('caught')));
    await expect(crashPoint('relay.carry', () => 'notes', work)).rejects.toThrow('caught');
    expect(passed).toEqual(['relay.carry(notes)']);
  });

  it('cannot be trapped in production', () => {
    expect(() => openCrashRoom('/tmp', true)).toThrow('must not be set in production');
    expect(hasTrap()).toBe(false);
  });
});
