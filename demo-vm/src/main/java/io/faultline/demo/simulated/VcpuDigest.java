package io.faultline.demo.simulated;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.List;

/**
 * A digest of the registers of all vCPUs, in order: independent of when they ran.
 *
 * @param hex 64 hexadecimal digits
 */
public record VcpuDigest(String hex) {
  private static final int REGISTERS = 5;

  /** The digest of one vCPU, whose registers were read from another hypervisor. */
  public static VcpuDigest of(
      long operations, long accumulator, long random, long value, long address) {
    Registers registers = new Registers();
    registers.operations = operations;
    registers.accumulator = accumulator;
    registers.random = random;
    registers.value = value;
    registers.address = address;
    return of(List.of(registers));
  }

  static VcpuDigest of(List<Registers> vcpus) {
    MessageDigest digest = Sha256.create();
    for (Registers registers : vcpus) {
      ByteBuffer bytes = ByteBuffer.allocate(REGISTERS * Long.BYTES);
      bytes
          .putLong(registers.operations)
          .putLong(registers.accumulator)
          .putLong(registers.random)
          .putLong(registers.value)
          .putLong(registers.address)
          .flip();
      digest.update(bytes);
    }
    return new VcpuDigest(Sha256.hex(digest));
  }

  @Override
  public String toString() {
    return hex;
  }
}
