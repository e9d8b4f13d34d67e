package io.faultline.demo.simulated;

/** Ends a stopped vCPU in the middle of an operation. Has no stack trace. */
final class VcpuStoppedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  VcpuStoppedException() {
    super("the vCPU was stopped", null, false, false);
  }
}
