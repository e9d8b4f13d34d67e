package io.faultline.cli.engine;

import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import picocli.CommandLine.Option;

/** The option {@code --engine}, a picocli mixin. */
public final class EngineOption {
  @InGroup(OptionGroup.MEMORY)
  @Option(
      names = "--engine",
      paramLabel = "ENGINE",
      defaultValue = "auto",
      description =
          "Which userfaultfd to use: kernel, simulated, or auto: the kernel's if permitted"
              + " (default: ${DEFAULT-VALUE}).")
  private EngineChoice choice = EngineChoice.AUTO;

  public EngineChoice choice() {
    return choice;
  }
}
