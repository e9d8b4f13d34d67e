package io.faultline.cli.source;

import io.faultline.cli.mixin.OutputOptions;
import io.faultline.cli.output.ResultOutput;
import io.faultline.cli.report.ResultFile;
import io.faultline.cli.report.SourceResult;
import io.faultline.cli.terminal.CommandOutput;
import io.faultline.qemu.vm.GuestOfLostNode;
import io.faultline.source.journal.Journal;
import io.faultline.source.journal.JournalStage;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Continues from where a source node of a QEMU's guest was killed. QEMU lives on: before RUN the
 * guest continues there, after it QEMU is only cleaned, and its RAM file is sent.
 */
final class QemuResumeRun {
  /** Sends the pages that the destination lacks, and returns the exit code. */
  interface Sending {
    int run() throws IOException, InterruptedException;
  }

  private final Journal journal;
  private final CommandOutput output;
  private final ResultOutput results;
  private final LinuxKernel kernel;

  QemuResumeRun(Journal journal, CommandOutput output, ResultOutput results, LinuxKernel kernel) {
    this.journal = journal;
    this.output = output;
    this.results = results;
    this.kernel = kernel;
  }

  /** Whether the VM of a migration is that of a QEMU. */
  static boolean isFor(Journal journal) {
    return !journal.survivor().isEmpty();
  }

  /**
   * Resumes the migration and returns the exit code.
   *
   * @param cancellation prepared if RUN was not sent
   * @param sending if it was
   */
  int run(LateCancellation.Preparation cancellation, Sending sending)
      throws IOException, InterruptedException {
    try (GuestOfLostNode guest = find()) {
      if (journal.stage() == JournalStage.COMMITTED) {
        return send(guest, sending);
      }
      return guest == null ? lost(cancellation) : continueHere(guest, cancellation);
    }
  }

  private @Nullable GuestOfLostNode find() throws IOException, InterruptedException {
    try {
      return GuestOfLostNode.find(kernel, journal.survivor(), output::message);
    } catch (IOException e) {
      if (journal.stage() != JournalStage.COMMITTED) {
        throw e;
      }
      throw new IOException(
          e.getMessage() + "; RUN was sent, so QEMU is not needed here: end it, and resume again",
          e);
    }
  }

  /** The pages are in the RAM file, also if QEMU has ended. */
  private int send(@Nullable GuestOfLostNode guest, Sending sending)
      throws IOException, InterruptedException {
    if (guest != null && guest.isRunning()) {
      throw new IOException(
          "the guest runs in QEMU, process "
              + guest.pid()
              + ", although RUN was sent and the destination owns it: stop it here (stop). Its"
              + " memory has changed, so the pages that the destination lacks are lost");
    }
    int code = sending.run();
    if (guest != null) {
      guest.clean();
    }
    return code;
  }

  /**
   * The guest continues before the journal is removed: if this process is killed in between, this
   * can be repeated.
   */
  private int continueHere(GuestOfLostNode guest, LateCancellation.Preparation cancellation)
      throws IOException, InterruptedException {
    LateCancellation notice = cancellation.prepare();
    boolean runs = guest.continueHere(journal.deviceState());
    journal.released();
    output.message(
        "migration "
            + journal.id()
            + " ended before RUN; the guest "
            + (runs ? "runs on" : "stays paused")
            + " in QEMU here, process "
            + guest.pid());
    notice.send("RUN was never sent, and the VM continues at the source");
    return write(SourceResult.ofVmThatStayed());
  }

  private int lost(LateCancellation.Preparation cancellation) throws IOException {
    LateCancellation notice = cancellation.prepare();
    journal.released();
    output.message(
        "migration "
            + journal.id()
            + " ended before RUN, and QEMU has ended since, and the guest with it; its memory is in"
            + " "
            + journal.memoryFiles()
            + ": remove it");
    notice.send("RUN was never sent, and the VM has ended at the source");
    ObjectNode result = SourceResult.ofVmThatStayed();
    SourceResult.addVmEnded(result);
    return write(result);
  }

  private int write(ObjectNode result) {
    results.write(OutputOptions.JSON, () -> ResultFile.text(result));
    return ExitCode.SOFTWARE;
  }
}
