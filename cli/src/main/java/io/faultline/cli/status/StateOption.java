package io.faultline.cli.status;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where nodes leave word of themselves. */
public final class StateOption {
  @Option(
      names = "--state",
      paramLabel = "DIR",
      description =
          "Where nodes leave word of themselves, and journals (default: a directory of this user"
              + " that lasts as long as the machine is up).")
  private @Nullable Path directory;

  /** The directory, which is there then. */
  public Path directory() throws IOException {
    return StateDirectory.of(directory);
  }
}
