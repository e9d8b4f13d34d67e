package io.faultline.cli.source;

import io.faultline.cli.mixin.NodeOptions;
import io.faultline.cli.options.UsageException;
import io.faultline.cli.terminal.CommandOutput;
import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.qemu.vm.GuestOfLostNode;
import io.faultline.source.journal.Journal;
import io.faultline.source.journal.JournalStage;
import io.faultline.source.journal.JournalSummary;
import io.faultline.source.journal.Journals;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Migrations of a QEMU's guest whose source node was killed before it had sent RUN. They are ended
 * before the next one begins, as {@code --resume} would do: QEMU is cleaned, the guest continues if
 * that node had stopped it, and a destination that may be READY is notified that it will not come.
 */
final class AbandonedMigrations {
  private final LinuxKernel kernel;
  private final QmpConnection monitor;
  private final NodeOptions node;
  private final CommandOutput output;

  /**
   * @param monitor of the QEMU with the guest
   */
  AbandonedMigrations(
      LinuxKernel kernel, QmpConnection monitor, NodeOptions node, CommandOutput output) {
    this.kernel = kernel;
    this.monitor = monitor;
    this.node = node;
    this.output = output;
  }

  /**
   * Ends them.
   *
   * @param journals the directory
   * @param ram the file that is the guest's RAM
   * @throws IOException if QEMU cannot be cleaned
   */
  void end(Path journals, Path ram) throws IOException, InterruptedException {
    Journals all = new Journals(journals);
    for (JournalSummary each : all.list()) {
      boolean dead = each.survives() && !each.underWay() && each.memoryFiles().contains(ram);
      if (dead && each.stage() != JournalStage.COMMITTED) {
        end(all, each);
      }
    }
  }

  private void end(Journals all, JournalSummary of) throws IOException, InterruptedException {
    try (Journal journal = all.open(of.id());
        GuestOfLostNode guest =
            GuestOfLostNode.of(kernel, monitor, journal.survivor(), output::message)) {
      // Before the switchover the destination ends by itself when it loses the connection.
      LateCancellation notice = of.stage() == JournalStage.PAUSED ? notice(journal) : null;
      if (guest != null) {
        var _ = guest.continueHere(journal.deviceState());
        output.remark("migration " + of.id() + ", whose node was killed, has ended before RUN");
      }
      journal.released();
      if (notice != null) {
        notice.send("RUN was never sent, and another migration of the VM begins");
      }
    }
  }

  /** Null if the options are for another destination, such as one without TLS. */
  private @Nullable LateCancellation notice(Journal journal) {
    try {
      return LateCancellation.prepare(journal, journal.destinations(), node, output);
    } catch (UsageException e) {
      output.remark(
          "the destination of migration "
              + journal.id()
              + " is not notified that the VM will not come ("
              + e.getMessage()
              + "): if it still waits, end it");
      return null;
    }
  }
}
