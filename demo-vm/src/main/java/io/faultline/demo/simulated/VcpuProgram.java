package io.faultline.demo.simulated;

import java.util.Optional;

/**
 * The program of one vCPU, for machines that run it by themselves: with the same operations on the
 * same memory they come to the same result.
 *
 * @param initial the registers at power-on
 * @param startBytes where the vCPU's part of the RAM starts
 * @param pages its pages
 * @param pageBytes their size, a power of two
 * @param writeThreshold an operation writes where {@code SplitMix64.mix(accumulator +
 *     SplitMix64.GOLDEN) >>> 11} is below, with the accumulator as the operation leaves it; 2^53
 *     for always
 * @param zipf the tables of {@link Workload#ZIPF}
 */
public record VcpuProgram(
    GuestRegisters initial,
    long startBytes,
    long pages,
    long pageBytes,
    long writeThreshold,
    Optional<ZipfTable> zipf) {

  static VcpuProgram of(SimulatedVmConfig config, int vcpu, VcpuSlice slice) {
    AddressSequence addresses = AddressSequence.of(config.workload(), slice);
    return new VcpuProgram(
        GuestRegisters.of(Registers.initial(config.seed(), vcpu, addresses)),
        slice.startBytes(),
        slice.pages(),
        slice.pageBytes(),
        WriteChoice.of(config.writeFraction()).threshold(),
        addresses instanceof ZipfAddresses zipf
            ? Optional.of(new ZipfTable(zipf.ranks(), zipf.stride()))
            : Optional.empty());
  }

  public long endBytes() {
    return startBytes + pages * pageBytes;
  }
}
