package io.faultline.cli.mixin;

import io.faultline.cli.engine.EngineChoice;
import io.faultline.cli.engine.EngineOption;
import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import io.faultline.cli.metrics.Metrics;
import io.faultline.cli.output.DirectoryCheck;
import io.faultline.cli.output.ResultOutput;
import io.faultline.cli.status.StateOption;
import io.faultline.cli.terminal.CommandOutput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of both {@code source} and {@code dest}. */
@InGroup(OptionGroup.OUTPUT)
public final class NodeOptions {
  @Mixin private OutputOptions output = new OutputOptions();
  @Mixin private MetricsOptions metrics = new MetricsOptions();

  @Option(
      names = "--recording",
      hidden = true,
      paramLabel = "FILE",
      description = "Record the migration for a report that another process draws.")
  private @Nullable Path recording;

  @Option(
      names = "--guest-console",
      hidden = true,
      description = "Print the guest's console even with --quiet.")
  private boolean guestConsole;

  @Mixin private CommonNodeOptions common = new CommonNodeOptions();
  @Mixin private EngineOption engine = new EngineOption();
  @Mixin private StateOption state = new StateOption();

  public CommonNodeOptions common() {
    return common;
  }

  public EngineChoice engine() {
    return engine.choice();
  }

  /** Opens the files that the node writes at its end; see {@link OutputOptions#open}. */
  public ResultOutput openResults(Consumer<String> messages) {
    return output.open(messages, state.chosen());
  }

  /** Opens the meters of the node; see {@link MetricsOptions#open}. Close them last. */
  public Metrics openMetrics(CommandOutput output) {
    return metrics.open(output);
  }

  /** Whether to record the migration: for a report here, or in another process. */
  public boolean records() {
    return output.wantsReport() || recording != null;
  }

  /** Where to write the recording for another process; null for nowhere. */
  public @Nullable Path recording() {
    return recording;
  }

  public boolean isQuiet() {
    return output.isQuiet();
  }

  /** Whether to print what the guest writes to its console. */
  public boolean showsGuestConsole() {
    return guestConsole || !isQuiet();
  }

  /**
   * Checks the user's directory for status files, if there is one, before anything starts.
   *
   * @throws io.faultline.cli.options.UsageException if it cannot hold a file
   */
  public void checkStateDirectory() throws IOException {
    if (state.chosen() != null) {
      DirectoryCheck.require("--state", state.directory());
    }
  }

  /** The directory for status files and journals; creates the default one. */
  public Path stateDirectory() throws IOException {
    return state.directory();
  }
}
