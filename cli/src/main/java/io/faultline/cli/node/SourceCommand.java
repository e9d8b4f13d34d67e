package io.faultline.cli.node;

import io.faultline.cli.options.HostPort;
import io.faultline.cli.options.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code faultline source}: runs a VM and migrates it away. */
@Command(
    name = "source",
    description = {"Runs a VM and migrates it to a destination."},
    footer = {"", "Exit codes: 0 migrated, 1 failed, 2 wrong use."})
public final class SourceCommand implements Callable<Integer> {
  /** What a process decides for itself; all else is the migration's. */
  private static final Set<String> WITH_RESUME =
      Set.of(
          "--resume",
          "--journal",
          "--state",
          "--to",
          "--engine",
          "--json",
          "--metrics",
          "--quiet",
          "--guest-console",
          "--progress",
          "--rehearsal",
          "--poll",
          "--heartbeat",
          "--give-up-after",
          "--tls",
          "--token-file",
          "--insecure");

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private VmOptions vm = new VmOptions();
  @Mixin private MigrationOptions migration = new MigrationOptions();
  @Mixin private NodeOptions node = new NodeOptions();

  @Option(
      names = "--to",
      paramLabel = "HOST:PORT,...",
      split = ",",
      description =
          "Where the destination listens; further addresses are tried where it is lost behind the"
              + " handover.")
  private List<HostPort> to = List.of();

  @Option(
      names = "--warm-up",
      paramLabel = "TIME",
      defaultValue = "300ms",
      description = "How long the VM runs before it is migrated (default: ${DEFAULT-VALUE}).")
  private Duration warmUp = Duration.ZERO;

  @Option(
      names = "--resume",
      paramLabel = "ID",
      description =
          "Take up the migration of a source that was killed, by its journal; --to only where the"
              + " destination is elsewhere now.")
  private @Nullable String resume;

  @Option(
      names = "--journal",
      paramLabel = "DIR",
      description =
          "Where the journal is kept, with --backing file:PATH (default: the directory of"
              + " --state).")
  private @Nullable Path journal;

  @Option(names = "--progress", hidden = true, description = "Show progress in spite of --quiet.")
  private boolean progress;

  @Option(names = "--announce-run", hidden = true, description = "Print a line when RUN is sent.")
  private boolean announceRun;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Console console = new Console(spec.commandLine());
    boolean shown = progress || !node.quiet;
    if (resume != null) {
      refuseWithResume();
      return new ResumeRun(node, console, shown, journal).run(resume, to);
    }
    if (to.isEmpty()) {
      throw new UsageException("missing required option: '--to=HOST:PORT,...'");
    }
    return new SourceRun(node, console, shown, announceRun, journal).run(vm, migration, to, warmUp);
  }

  /** The VM and how it is migrated are what they were. */
  private void refuseWithResume() {
    Set<String> given =
        spec.commandLine().getParseResult().matchedOptions().stream()
            .map(OptionSpec::longestName)
            .collect(Collectors.toCollection(TreeSet::new));
    given.removeAll(WITH_RESUME);
    if (!given.isEmpty()) {
      throw new UsageException(
          "--resume goes on as the journal says: leave out " + String.join(", ", given));
    }
  }
}
