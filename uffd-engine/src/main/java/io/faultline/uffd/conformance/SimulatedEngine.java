package io.faultline.uffd.conformance;

import io.faultline.uffd.Kernel;
import io.faultline.uffd.OpenPath;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.util.List;

/** The engine of a simulated kernel, whose processes are threads. */
final class SimulatedEngine implements Engine {
  private final SimulatedKernel kernel = new SimulatedKernel();

  @Override
  public Kernel kernel() {
    return kernel;
  }

  @Override
  public Handshake handshake(OpenPath path, long version, long features) {
    throw new UnsupportedOperationException(
        "a simulated userfaultfd is opened with typed options, which cannot be invalid");
  }

  @Override
  public int poll(Userfaultfd uffd) {
    return SimulatedKernel.poll(uffd);
  }

  @Override
  public int kernelLoad(long address) {
    return errno(() -> kernel.systemCallLoad(address));
  }

  @Override
  public int kernelStore(long address) {
    return errno(() -> kernel.systemCallStore(address, 0));
  }

  @Override
  public AutoCloseable pin(long address, long lengthBytes) {
    return kernel.pin(address, lengthBytes);
  }

  @Override
  public Child fork(List<Step> steps) {
    return new SimulatedChild(kernel.fork(), true, steps);
  }

  @Override
  public Child share(List<Step> steps) {
    return new SimulatedChild(kernel, false, steps);
  }

  private static int errno(Runnable call) {
    try {
      call.run();
      return 0;
    } catch (SystemCallException e) {
      return e.errno();
    }
  }
}
