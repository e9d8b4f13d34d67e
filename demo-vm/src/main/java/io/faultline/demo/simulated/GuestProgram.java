package io.faultline.demo.simulated;

/**
 * The program of a vCPU: the addresses of its operations, and which of them write. Stateless: all
 * state is in the registers, which migrate.
 */
record GuestProgram(AddressSequence addresses, WriteChoice writes) {

  /** The program of a vCPU. Takes time at most proportional to the number of pages. */
  static GuestProgram of(SimulatedVmConfig config, VcpuSlice slice) {
    return new GuestProgram(
        AddressSequence.of(config.workload(), slice), WriteChoice.of(config.writeFraction()));
  }
}
