package io.faultline.demo.simulated;

import java.util.Optional;

/**
 * The program of one vCPU, for other implementations of the vCPU: the same operations on the same
 * memory have the same result.
 *
 * @param initial the registers at power-on
 * @param startBytes start of the vCPU's slice, an offset in RAM
 * @param pages number of pages in the slice
 * @param pageBytes their size, a power of two
 * @param writeThreshold an operation writes if {@code SplitMix64.mix(accumulator +
 *     SplitMix64.GOLDEN) >>> 11} is below, with the accumulator that the operation computed; 2^53
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
