package io.faultline.demo.simulated;

/**
 * What a vCPU computes with. Belongs to the vCPU's thread while it runs; others may look while it
 * is parked or has ended.
 */
final class Registers {
  /** Operations done: the program counter. */
  long operations;

  /** Takes in every value read; what is written comes out of it, and whether anything is. */
  long accumulator;

  /** State of the guest's own random generator. */
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
   * One operation. The accumulator is a bijection of the value read (and of its own last content),
   * so that a single wrong bit in memory cannot go unnoticed; what is written, and whether anything
   * is, depends on all that was read before.
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
