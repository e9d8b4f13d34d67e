package io.faultline.demo.node;

import io.faultline.demo.options.HostPort;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code faultline source}: runs a VM and migrates it away. */
@Command(
    name = "source",
    description = {"Runs a VM and migrates it to a destination."},
    footer = {"", "Exit codes: 0 migrated, 1 failed, 2 wrong use."})
public final class SourceCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private VmOptions vm = new VmOptions();
  @Mixin private MigrationOptions migration = new MigrationOptions();
  @Mixin private NodeOptions node = new NodeOptions();

  @Option(
      names = "--to",
      paramLabel = "HOST:PORT,...",
      required = true,
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

  @Option(names = "--progress", hidden = true, description = "Show progress in spite of --quiet.")
  private boolean progress;

  @Option(names = "--announce-run", hidden = true, description = "Print a line when RUN is sent.")
  private boolean announceRun;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Console console = new Console(spec.commandLine());
    return new SourceRun(node, console, progress || !node.quiet, announceRun)
        .run(vm, migration, to, warmUp);
  }
}
