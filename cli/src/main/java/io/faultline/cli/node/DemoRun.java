package io.faultline.cli.node;

import io.faultline.cli.chaos.ChaosPlan;
import io.faultline.cli.engine.EngineChoice;
import io.faultline.cli.engine.Engines;
import io.faultline.cli.options.UsageException;
import io.faultline.cli.report.ResultFile;
import io.faultline.cli.report.Results;
import io.faultline.cli.report.Summary;
import io.faultline.cli.terminal.Terminal;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.uffd.HugePageLoan;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.PageSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;
import tools.jackson.databind.node.ObjectNode;

/** One run of {@code faultline demo}. */
final class DemoRun {
  /** The source and the destination; the reference run comes when both have let go. */
  private static final int COPIES = 2;

  /** A VM that was told how many operations to do does them, however long that takes. */
  private static final Duration UNTIL_DONE = Duration.ofDays(365);

  private final VmOptions vmOptions;
  private final MigrationOptions migration;
  private final DemoOptions pair;
  private final @Nullable ChaosPlan chaos;
  private final EngineChoice engine;
  private final Console console;
  private final boolean quiet;

  DemoRun(
      VmOptions vmOptions,
      MigrationOptions migration,
      DemoOptions pair,
      @Nullable ChaosPlan chaos,
      EngineChoice engine,
      Console console,
      boolean quiet) {
    this.vmOptions = vmOptions;
    this.migration = migration;
    this.pair = pair;
    this.chaos = chaos;
    this.engine = engine;
    this.console = console;
    this.quiet = quiet;
  }

  /** Returns the exit code. */
  int run(@Nullable Path json) throws IOException, InterruptedException {
    migration.check(vmOptions.backing());
    if (chaos != null && chaos.kills() > 0 && vmOptions.backing().path() == null) {
      throw new UsageException(
          "--chaos kill-source needs memory that outlives the source: use --backing"
              + " file:/dev/shm/NAME");
    }
    pair.check(migration.placement()); // a person hears of what is wrong before all starts
    Kernel kernel = Engines.open(engine, console::say);
    vmOptions.config(kernel); // before huge pages are borrowed for what cannot be
    try (HugePageLoan loan = lend(kernel)) {
      if (loan.borrowed() > 0 && !quiet) {
        console.say("borrowing " + loan.borrowed() + " huge pages for the run");
      }
      return run(kernel, json);
    }
  }

  /** Both VMs need huge pages, which a machine seldom has lying about. */
  private HugePageLoan lend(Kernel kernel) {
    PageSize size = vmOptions.backing().pageSize();
    if (!size.isHuge()) {
      return HugePageLoan.none();
    }
    long pages = Math.ceilDiv(vmOptions.ramBytes(), kernel.pageSizeBytes(size));
    return HugePageLoan.borrow(kernel, size, COPIES * pages);
  }

  private int run(Kernel kernel, @Nullable Path json) throws IOException, InterruptedException {
    SimulatedVmConfig config = vmOptions.config(kernel, COPIES);
    Path scratch = Files.createTempDirectory("faultline-demo");
    try {
      if (!quiet) {
        console.say(
            String.format(
                "migrating a %s VM of %d MiB, %d vCPUs, %s, seed %d (%s)",
                vmOptions.kind(),
                config.ramBytes() >> 20,
                config.vcpus(),
                config.workload(),
                config.seed(),
                migration));
      }
      ObjectNode result = migrate(scratch, kernel.name(), config.ramBytes());
      if (json != null) {
        ResultFile.write(json, result);
      }
      tell(result);
      return Results.isGood(result) ? ExitCode.OK : ExitCode.SOFTWARE;
    } finally {
      LocalMigration.deleteScratch(scratch);
    }
  }

  private ObjectNode migrate(Path scratch, String engineName, long ramBytes)
      throws IOException, InterruptedException {
    List<String> sourceArguments = pair.forSource();
    if (!quiet) {
      sourceArguments.add("--progress");
    }
    try (KillableSource killable = KillableSource.of(vmOptions.backing(), scratch)) {
      return migrate(scratch, engineName, ramBytes, sourceArguments, killable);
    }
  }

  private ObjectNode migrate(
      Path scratch,
      String engineName,
      long ramBytes,
      List<String> forEachSource,
      @Nullable KillableSource killable)
      throws IOException, InterruptedException {
    List<String> sourceArguments = new ArrayList<>(forEachSource);
    sourceArguments.addAll(vmOptions.toArguments());
    sourceArguments.addAll(migration.toArguments());
    LocalMigration both =
        new LocalMigration(scratch, engineName, List.of(), UNTIL_DONE).guestLines(this::showGuest);
    if (!quiet) {
      both.remarks(console::say);
    }
    if (killable != null) {
      sourceArguments.addAll(killable.arguments());
      both.revive(() -> killable.revive(forEachSource));
    }
    if (chaos == null) {
      return both.run(sourceArguments, pair.forDestination());
    }
    return new ChaosRun(chaos, migration, pair.isEncrypted(), ramBytes, console::say)
        .run(both, sourceArguments, pair.forDestination());
  }

  private void showGuest(String end, String line) {
    if (!quiet) {
      console.print("guest at the " + end + ": " + line);
    }
  }

  private void tell(ObjectNode result) {
    if (!quiet) {
      new Summary(console.out(), Terminal.hasColours()).print(result);
    }
    if (!Results.isGood(result)) {
      console.say(result.path("error").asString("the migration failed"));
    }
  }
}
