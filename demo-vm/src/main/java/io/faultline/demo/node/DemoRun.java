package io.faultline.demo.node;

import io.faultline.demo.engine.EngineChoice;
import io.faultline.demo.engine.Engines;
import io.faultline.demo.report.ResultFile;
import io.faultline.demo.report.Results;
import io.faultline.demo.report.Summary;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.terminal.Terminal;
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

  /** A source may fail before the destination knows of it; else that stops its vCPUs meanwhile. */
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(40);

  private static final String LISTENING = "listening on ";

  private final VmOptions vmOptions;
  private final MigrationOptions migration;
  private final RehearsalOption rehearsal;
  private final PollOption poll;
  private final EngineChoice engine;
  private final Console console;
  private final boolean quiet;

  DemoRun(
      VmOptions vmOptions,
      MigrationOptions migration,
      RehearsalOption rehearsal,
      PollOption poll,
      EngineChoice engine,
      Console console,
      boolean quiet) {
    this.vmOptions = vmOptions;
    this.migration = migration;
    this.rehearsal = rehearsal;
    this.poll = poll;
    this.engine = engine;
    this.console = console;
    this.quiet = quiet;
  }

  /** Returns the exit code. */
  int run(@Nullable Path json) throws IOException, InterruptedException {
    migration.check(vmOptions.backing());
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
      ObjectNode result = migrate(scratch, kernel.name());
      if (json != null) {
        ResultFile.write(json, result);
      }
      tell(result);
      return Results.isGood(result) ? ExitCode.OK : ExitCode.SOFTWARE;
    } finally {
      delete(scratch);
    }
  }

  private ObjectNode migrate(Path scratch, String engineName)
      throws IOException, InterruptedException {
    Path destJson = scratch.resolve("dest.json");
    Path sourceJson = scratch.resolve("source.json");
    List<String> destArguments =
        List.of(
            "dest",
            "--listen=127.0.0.1:0",
            "--quiet",
            "--guest-console",
            "--engine=" + engineName,
            rehearsal.toArgument(),
            poll.toArgument(),
            "--json=" + destJson);
    try (ChildNode dest = ChildNode.start(scratch, "dest", false, destArguments)) {
      String address = awaitListening(dest);
      dest.forwardOutput(line -> showGuest("destination", line));
      List<String> sourceArguments =
          new ArrayList<>(List.of("source", "--to=" + address, "--json=" + sourceJson));
      sourceArguments.addAll(List.of("--quiet", "--guest-console", "--engine=" + engineName));
      sourceArguments.add(rehearsal.toArgument());
      sourceArguments.add(poll.toArgument());
      if (!quiet) {
        sourceArguments.add("--progress");
      }
      sourceArguments.addAll(vmOptions.toArguments());
      sourceArguments.addAll(migration.toArguments());
      try (ChildNode source = ChildNode.start(scratch, "source", !quiet, sourceArguments)) {
        source.forwardOutput(line -> showGuest("source", line));
        int sourceExit = source.await();
        ObjectNode sourceResult = ResultFile.read(sourceJson);
        if (sourceExit != 0 && sourceResult.isEmpty()) {
          throw new IOException("the source failed: " + source.lastError());
        }
        if (!quiet && sourceExit == 0) {
          console.say("verifying against a run without migration ...");
        }
        if (sourceExit == 0) {
          dest.await();
        } else if (!dest.await(AFTER_FAILURE)) {
          console.say("the destination does not end, and is killed");
        }
        return Results.merge(sourceResult, ResultFile.read(destJson));
      }
    }
  }

  private void showGuest(String end, String line) {
    if (!quiet) {
      console.print("guest at the " + end + ": " + line);
    }
  }

  private static String awaitListening(ChildNode dest) throws IOException, InterruptedException {
    String line = dest.readLine();
    if (line == null || !line.startsWith(LISTENING)) {
      dest.await();
      throw new IOException("the destination failed: " + dest.lastError());
    }
    return line.substring(LISTENING.length());
  }

  private void tell(ObjectNode result) {
    if (!quiet) {
      new Summary(console.out(), Terminal.hasColours()).print(result);
    }
    if (!Results.isGood(result)) {
      console.say(result.path("error").asString("the migration failed"));
    }
  }

  private static void delete(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
    }
    Files.deleteIfExists(directory);
  }
}
