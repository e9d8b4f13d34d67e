package io.faultline.cli.snapshot;

import io.faultline.cli.dest.QemuChoice;
import io.faultline.cli.engine.EngineOption;
import io.faultline.cli.engine.Engines;
import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import io.faultline.cli.metrics.Metrics;
import io.faultline.cli.mixin.MetricsOptions;
import io.faultline.cli.mixin.OutputOptions;
import io.faultline.cli.options.Share;
import io.faultline.cli.options.UsageException;
import io.faultline.cli.output.ResultOutput;
import io.faultline.cli.qemu.QemuMonitor;
import io.faultline.cli.terminal.CommandOutput;
import io.faultline.demo.vm.VmKind;
import io.faultline.memory.Backing;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code faultline restore FILE}: runs the VM of a snapshot at once, and verifies it. */
@Command(
    name = "restore",
    description = {
      "Run the VM of a snapshot while its memory follows; verify it.",
      "It runs at once. The file is not changed: any number of VMs may be restored from it, also at"
          + " once.",
      "With --vm qemu it continues in a QEMU, which \"-- qemu-system-x86_64 ARGUMENT...\" starts."
    },
    footer = {
      "",
      "Exit codes: 0 restored and verified, 1 failed, 2 wrong use, 3 result elsewhere."
    })
@InGroup(OptionGroup.VM)
public final class RestoreCommand implements Callable<Integer> {
  private static final Duration REHEARSAL = Duration.ofSeconds(3);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "FILE", description = "The snapshot.")
  private Path file = Path.of("");

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "-- QEMU ARGUMENT",
      hidden = true,
      description = "For --vm qemu, instead of --qmp: the command line of the QEMU to start.")
  private List<String> words = new ArrayList<>();

  @Option(
      names = "--vm",
      paramLabel = "KIND",
      description =
          "qemu: FILE has the guest of a QEMU, which continues in a QEMU. Of other VMs FILE has the"
              + " kind.")
  private @Nullable VmKind kind;

  @Option(
      names = "--qmp",
      paramLabel = "SOCKET",
      description =
          "The monitor of a QEMU that waits for its guest (-incoming defer -S), for --vm qemu;"
              + " instead of it, -- PROGRAM ARGUMENT... at the end starts one.")
  private @Nullable Path qmp;

  @Option(
      names = "--run-on",
      paramLabel = "TIME",
      defaultValue = "300ms",
      description =
          "How long a VM without --ops runs once all of its memory is there (default:"
              + " ${DEFAULT-VALUE}).")
  private Duration runOn = Duration.ZERO;

  @InGroup(OptionGroup.MEMORY)
  @Option(
      names = "--backing",
      paramLabel = "KIND",
      description = "What guest memory is made of here (default: as when it was saved).")
  private @Nullable Backing backing;

  @InGroup(OptionGroup.MEMORY)
  @Option(
      names = "--overcommit",
      description =
          "Restore the VM even if the limits of this machine, of its cgroups and of this process"
              + " leave too little memory for it.")
  private boolean overcommit;

  @InGroup(OptionGroup.OUTPUT)
  @Option(
      names = OutputOptions.JSON,
      paramLabel = "FILE",
      description = "Write the result to FILE, as one JSON object.")
  private @Nullable Path json;

  @InGroup(OptionGroup.OUTPUT)
  @Option(
      names = "--quiet",
      description = "Print errors only: no summary, remarks or guest console.")
  private boolean quiet;

  @Option(
      names = "--no-working-set",
      description =
          "Neither read nor write FILE.ws, the pages that VMs restored from FILE needed first.")
  private boolean noWorkingSet;

  @Option(
      names = "--snapshot",
      paramLabel = "NEW",
      description =
          "Save the VM to the file NEW while it is being restored. Pages that are not in memory yet"
              + " are left to FILE, which NEW needs from then on.")
  private @Nullable Path snapshot;

  @Option(
      names = "--snapshot-at",
      paramLabel = "SHARE",
      description =
          "How much of memory is there when --snapshot is taken: 0%%, the default, as soon as the"
              + " VM runs, to 100%%, a snapshot without a base.")
  private @Nullable Share snapshotAt;

  @Option(
      names = "--standby",
      description =
          "Get ready without FILE, print \"ready\", and restore when a line of standard input is"
              + " read, or its end.")
  private boolean standby;

  @Option(
      names = "--rehearsal",
      paramLabel = "TIME",
      description =
          "How long --standby may first restore small VMs, so that its code is compiled; 0ms for no"
              + " rehearsal (default: 3s).")
  private @Nullable Duration rehearsal;

  @Mixin private MetricsOptions metrics = new MetricsOptions();
  @Mixin private EngineOption engine = new EngineOption();

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (rehearsal != null && !standby) {
      throw new UsageException("--rehearsal needs --standby; add it or leave this out");
    }
    if (snapshotAt != null && snapshot == null) {
      throw new UsageException("--snapshot-at needs --snapshot; add it or leave this out");
    }
    RestoreSettings settings =
        new RestoreSettings(
            file,
            backing,
            overcommit,
            runOn,
            !noWorkingSet,
            standby,
            rehearsal == null ? REHEARSAL : rehearsal,
            snapshot,
            snapshotAt == null ? new Share(0) : snapshotAt);
    if (kind != null && kind != VmKind.QEMU) {
      throw new UsageException("--vm: only qemu is chosen here, the snapshot has any other kind");
    }
    if (kind == VmKind.QEMU && snapshot != null) {
      throw new UsageException(
          "--snapshot is not possible with --vm qemu: restore it, then take a snapshot with"
              + " faultline snapshot");
    }
    QemuChoice qemu = QemuChoice.of(spec, kind == VmKind.QEMU, qmp, words);
    try (CommandOutput output = new CommandOutput(spec.commandLine(), quiet);
        Metrics meters = metrics.open(output);
        ResultOutput results = new ResultOutput(output::message, null)) {
      results.open(OutputOptions.JSON, json);
      if (qemu != null) {
        LinuxKernel linux = QemuMonitor.kernel(engine.choice());
        RestoreRun restore = new RestoreRun(linux, settings, output, meters);
        return meters.ended(new QemuRestoreRun(linux, restore, output).run(qemu, results));
      }
      Kernel kernel = Engines.open(engine.choice(), output::message);
      return new RestoreRun(kernel, settings, output, meters).run(results);
    }
  }
}
