package io.faultline.demo.simulated;

/**
 * What a vCPU runs: where its operations go, and which of them write. Has no state of its own; all
 * of it is in the registers, which migrate.
 */
record GuestProgram(AddressSequence addresses, WriteChoice writes) {

  /** The program of a vCPU. Takes a time in proportion to the slice's pages at most. */
  static GuestProgram of(SimulatedVmConfig config, VcpuSlice slice) {
    return new GuestProgram(
        AddressSequence.of(config.workload(), slice), WriteChoice.of(config.writeFraction()));
  }
}
