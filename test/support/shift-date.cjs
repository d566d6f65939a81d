// Preloaded into a program (NODE_OPTIONS=--require): its wall clock is off by SHIFT_DATE_MS.
const RealDate = Date;
const offset = Number(process.env.SHIFT_DATE_MS ?? 0);
globalThis.Date = class ShiftedDate extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + offset);
    else super(...given);
  }
  static now() {
    return RealDate.now() + offset;
  }
};
