package io.faultline.cli.source;

import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import io.faultline.cli.mixin.MigrationOptions;
import io.faultline.cli.mixin.NodeOptions;
import io.faultline.cli.mixin.PagingOptions;
import io.faultline.cli.mixin.VmOptions;
import io.faultline.cli.options.GivenOptions;
import io.faultline.cli.options.HostPort;
import io.faultline.cli.options.UsageException;
import io.faultline.cli.terminal.CommandOutput;
import io.faultline.demo.vm.VmKind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code faultline source}: runs a VM and migrates it. */
@Command(
    name = "source",
    description = {
      "Run a VM and migrate it to a destination.",
      "If the migration fails before RUN is sent, the VM continues here."
    },
    footer = {"", "Exit codes: 0 migrated, 1 failed, 2 wrong use, 3 result elsewhere."})
@InGroup(OptionGroup.RECOVERY)
public final class SourceCommand implements Callable<Integer> {
  /** Options of a process; the others are those of the migration, which the journal has. */
  private static final Set<String> WITH_RESUME =
      Set.of(
          "--resume",
          "--journal",
          "--state",
          "--to",
          "--engine",
          "--json",
          "--metrics",
          "--metrics-linger",
          "--metrics-push",
          "--quiet",
          "--guest-console",
          "--progress",
          "--recording",
          "--rehearsal",
          "--poll",
          "--heartbeat",
          "--give-up-after",
          "--tls",
          "--token-file",
          "--insecure");

  /** Those of a VM that this process runs. */
  private static final Set<String> NOT_WITH_QEMU =
      Set.of(
          "--ram",
          "--backing",
          "--vcpus",
          "--workload",
          "--working-set",
          "--zero-fraction",
          "--common-fraction",
          "--ops",
          "--write-fraction",
          "--pace",
          "--seed",
          "--warm-up",
          "--guest-console");

  @Spec private CommandSpec spec = CommandSpec.create();

  @InGroup(OptionGroup.NETWORK)
  @Option(
      names = "--to",
      paramLabel = "HOST:PORT,...",
      hideParamSyntax = true,
      split = ",",
      description =
          "Address of the destination; more addresses of it are tried in turn after a lost"
              + " connection.")
  private List<HostPort> to = List.of();

  @Option(
      names = "--resume",
      paramLabel = "ID",
      description =
          "Continue the migration of a source that was killed, by the first digits of its id; --to"
              + " only if the destination has moved.")
  private @Nullable String resume;

  @Option(
      names = "--journal",
      paramLabel = "DIR",
      description =
          "Directory of the journal, only with --backing file:PATH or --vm qemu (default: that of"
              + " --state).")
  private @Nullable Path journal;

  @Mixin private VmOptions vm = new VmOptions();

  @InGroup(OptionGroup.VM)
  @Option(
      names = "--qmp",
      paramLabel = "SOCKET",
      description = "The monitor of a running QEMU with the guest to migrate, for --vm qemu.")
  private @Nullable Path qmp;

  @InGroup(OptionGroup.VM)
  @Option(
      names = "--warm-up",
      paramLabel = "TIME",
      defaultValue = "300ms",
      description = "How long the VM runs before the migration (default: ${DEFAULT-VALUE}).")
  private Duration warmUp = Duration.ZERO;

  @Mixin private PagingOptions paging = new PagingOptions();
  @Mixin private MigrationOptions migration = new MigrationOptions();
  @Mixin private NodeOptions node = new NodeOptions();

  @Option(names = "--progress", hidden = true, description = "Show progress even with --quiet.")
  private boolean progress;

  @Option(names = "--announce-run", hidden = true, description = "Print a line when RUN is sent.")
  private boolean announceRun;

  @Option(
      names = "--checkpoints",
      hidden = true,
      description = "With --vm qemu: wait for a line on standard input at some points.")
  private boolean checkpoints;

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (CommandOutput output = new CommandOutput(spec.commandLine(), node.isQuiet())) {
      return run(output);
    }
  }

  private int run(CommandOutput output) throws IOException, InterruptedException {
    boolean showProgress = progress || !node.isQuiet();
    if (resume != null) {
      GivenOptions.of(spec).refuseAllBut(WITH_RESUME, "--resume continues as the journal says");
      return new ResumeRun(node, output, showProgress, journal).run(resume, to);
    }
    if (to.isEmpty()) {
      throw new UsageException("missing required option: '--to=HOST:PORT,...'");
    }
    if ((vm.kind() == VmKind.QEMU) != (qmp != null)) {
      throw new UsageException(
          "--vm qemu and --qmp SOCKET belong together: the monitor of a running QEMU");
    }
    paging.checkMigration(GivenOptions.of(spec), vm);
    if (qmp != null) {
      GivenOptions.of(spec)
          .refuse(NOT_WITH_QEMU, "--vm qemu migrates a guest that QEMU runs, as it is");
      SourceMigration source = new SourceMigration(node, output, showProgress, announceRun);
      return new QemuSourceRun(node, output, source, checkpoints, journal).run(qmp, migration, to);
    }
    return new SourceRun(node, output, showProgress, announceRun, journal, paging)
        .run(vm, migration, to, warmUp);
  }
}
