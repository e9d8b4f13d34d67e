package io.faultline.demo.simulated;

import java.util.List;

/**
 * The registers of a guest program between two operations.
 *
 * @param operations operations done
 * @param accumulator depends on every value read
 * @param random state of the guest's random generator
 * @param value read by the last operation
 * @param address byte offset in RAM of the next operation
 */
public record GuestRegisters(
    long operations, long accumulator, long random, long value, long address) {

  /** The digest of the registers of all vCPUs, in order: the same for both kinds of VM. */
  public static VcpuDigest digest(List<GuestRegisters> vcpus) {
    return VcpuDigest.of(vcpus.stream().map(GuestRegisters::toRegisters).toList());
  }

  static GuestRegisters of(Registers registers) {
    return new GuestRegisters(
        registers.operations,
        registers.accumulator,
        registers.random,
        registers.value,
        registers.address);
  }

  private Registers toRegisters() {
    Registers registers = new Registers();
    registers.operations = operations;
    registers.accumulator = accumulator;
    registers.random = random;
    registers.value = value;
    registers.address = address;
    return registers;
  }
}
