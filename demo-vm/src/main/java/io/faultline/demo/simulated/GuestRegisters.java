package io.faultline.demo.simulated;

import java.util.List;

/**
 * What a guest program computes with, at an instant between two operations.
 *
 * @param operations operations done
 * @param accumulator takes in every value read
 * @param random state of the guest's random generator
 * @param value that the last operation read
 * @param address byte offset in RAM of the next operation
 */
public record GuestRegisters(
    long operations, long accumulator, long random, long value, long address) {

  /** The digest of the registers of all vCPUs, in order: equal to that of any other kind of VM. */
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
