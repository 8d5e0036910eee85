/** Why a relay stops where it is. */
export class NoLongerLeading extends Error {
  override readonly name = 'NoLongerLeading';

  constructor() {
    super(
      'This relay no longer leads, or its cursor was moved: another process was elected meanwhile, or a person said so',
    );
  }
}
