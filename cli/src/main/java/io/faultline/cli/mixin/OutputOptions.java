package io.faultline.cli.mixin;

import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What {@code demo}, {@code source} and {@code dest} print and write. */
@InGroup(OptionGroup.OUTPUT)
public final class OutputOptions {
  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write the result to FILE, as one JSON object.")
  private @Nullable Path json;

  @Option(
      names = "--quiet",
      description = "Print errors only: no progress, summary, remarks or guest console.")
  private boolean quiet;

  /** Where to write the result; null for nowhere. */
  public @Nullable Path json() {
    return json;
  }

  public boolean isQuiet() {
    return quiet;
  }
}
