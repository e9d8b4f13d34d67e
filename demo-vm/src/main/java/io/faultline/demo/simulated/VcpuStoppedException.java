package io.faultline.demo.simulated;

/** Takes a vCPU that was stopped for good out of the middle of an operation. Has no stack trace. */
final class VcpuStoppedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  VcpuStoppedException() {
    super("the vCPU was stopped for good", null, false, false);
  }
}
