package io.faultline.cli.engine;

/** Values of {@code --engine}. */
public enum EngineChoice {
  /** The Linux kernel if it permits userfaultfd, else the simulated one. */
  AUTO,
  /** The Linux kernel, or an error. */
  KERNEL,
  /** The simulated kernel: works everywhere, and is slower. */
  SIMULATED;

  /** As on the command line. */
  @Override
  public String toString() {
    return switch (this) {
      case AUTO -> "auto";
      case KERNEL -> "kernel";
      case SIMULATED -> "simulated";
    };
  }
}
