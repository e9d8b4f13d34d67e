package io.faultline.cli.engine;

import io.faultline.uffd.Kernel;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.util.function.Consumer;

/** Opens the kernel of the user's choice, real or simulated. */
public final class Engines {
  private Engines() {}

  /**
   * Opens an engine.
   *
   * @param messages receives the reason where {@link EngineChoice#AUTO} falls back to the simulated
   *     kernel
   * @throws SystemCallException if the Linux kernel was chosen and refuses; the message has the
   *     remedy
   * @throws UnsupportedOperationException if the Linux kernel was chosen on another system
   */
  public static Kernel open(EngineChoice choice, Consumer<String> messages) {
    return switch (choice) {
      case SIMULATED -> new SimulatedKernel();
      case KERNEL -> openLinux();
      case AUTO -> openBest(messages);
    };
  }

  private static Kernel openBest(Consumer<String> messages) {
    try {
      return openLinux();
    } catch (SystemCallException | UnsupportedOperationException e) {
      messages.accept("using the simulated engine: " + e.getMessage());
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
