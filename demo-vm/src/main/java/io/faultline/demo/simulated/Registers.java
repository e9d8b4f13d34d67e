package io.faultline.demo.simulated;

/**
 * The registers of a vCPU. Confined to the vCPU's thread while it runs; other threads may read them
 * while it is parked or has ended.
 */
final class Registers {
  /** Operations done: the program counter. */
  long operations;

  /** Depends on every value read; determines which operations write, and the values written. */
  long accumulator;

  /** State of the guest's random generator. */
  long random;

  /** The value that the last operation read. */
  long value;

  /** Byte offset in RAM of the next operation. */
  long address;

  /** The registers at power-on. */
  static Registers initial(long seed, int vcpu, AddressSequence addresses) {
    Registers registers = new Registers();
    registers.random = SplitMix64.mix(SplitMix64.mix(~seed) + vcpu);
    registers.accumulator = SplitMix64.mix(registers.random);
    registers.address = addresses.first(registers);
    return registers;
  }

  /** A random value. */
  long nextRandom() {
    random += SplitMix64.GOLDEN;
    return SplitMix64.mix(random);
  }

  /**
   * One operation. The new accumulator is a bijection of the value read and of the old accumulator,
   * so that a single wrong bit in memory is always detected. Writes depend on all values read
   * before.
   */
  void step(GuestWords memory, GuestProgram program) {
    long offset = address;
    long read = memory.load(offset);
    accumulator = Long.rotateLeft(accumulator ^ read, 23) * SplitMix64.GOLDEN + operations;
    if (program.writes().writes(accumulator)) {
      memory.store(offset, accumulator ^ (accumulator >>> 29));
    }
    value = read;
    operations++;
    address = program.addresses().next(this);
  }
}
