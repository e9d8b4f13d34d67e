package io.faultline.cli.status;

import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option {@code --state}, a picocli mixin. */
public final class StateOption {
  @InGroup(OptionGroup.OUTPUT)
  @Option(
      names = "--state",
      paramLabel = "DIR",
      description =
          "Directory for status files and journals (default: faultline in $XDG_RUNTIME_DIR, else"
              + " /run/faultline).")
  private @Nullable Path directory;

  /** The user's directory; null for the default one. */
  public @Nullable Path chosen() {
    return directory;
  }

  /** The directory, which exists; see {@link StateDirectory#of}. */
  public Path directory() throws IOException {
    return StateDirectory.of(directory);
  }
}
