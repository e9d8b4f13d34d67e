package io.faultline.cli.engine;

import io.faultline.uffd.Kernel;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.util.function.Consumer;

/** Opens the engine that was chosen. */
public final class Engines {
  private Engines() {}

  /**
   * Opens an engine.
   *
   * @param remark hears, for {@link EngineChoice#AUTO}, why it is not the Linux kernel
   * @throws SystemCallException where the Linux kernel was asked for and refuses, with the remedy
   * @throws UnsupportedOperationException where it was asked for on another system
   */
  public static Kernel open(EngineChoice choice, Consumer<String> remark) {
    return switch (choice) {
      case SIMULATED -> new SimulatedKernel();
      case KERNEL -> openLinux();
      case AUTO -> openBest(remark);
    };
  }

  private static Kernel openBest(Consumer<String> remark) {
    try {
      return openLinux();
    } catch (SystemCallException | UnsupportedOperationException e) {
      remark.accept("the simulated engine is used, since " + e.getMessage());
      return new SimulatedKernel();
    }
  }

  private static Kernel openLinux() {
    Kernel kernel = new LinuxKernel();
    try (Userfaultfd probe = kernel.openUserfaultfd(OpenOptions.of())) {
      assert probe.fd() >= 0;
      return kernel;
    }
  }
}
