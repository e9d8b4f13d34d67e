package io.faultline.cli.source;

import com.google.protobuf.ByteString;
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

/**
 * Migrations of a QEMU's guest whose source node was killed before the switchover. They are ended
 * before the next one begins, as {@code --resume} would do: QEMU is cleaned, and the guest
 * continues if that node had just stopped it.
 */
final class AbandonedMigrations {
  private AbandonedMigrations() {}

  /**
   * Ends them.
   *
   * @param journals the directory
   * @param ram the file that is the guest's RAM
   * @throws IOException if QEMU cannot be cleaned
   */
  static void end(
      LinuxKernel kernel, QmpConnection monitor, Path journals, Path ram, CommandOutput output)
      throws IOException, InterruptedException {
    Journals all = new Journals(journals);
    for (JournalSummary each : all.list()) {
      boolean dead = each.survives() && !each.underWay() && each.memoryFiles().contains(ram);
      if (dead && each.stage() == JournalStage.RUNS_HERE) {
        end(kernel, monitor, all, each.id(), output);
      }
    }
  }

  private static void end(
      LinuxKernel kernel, QmpConnection monitor, Journals all, String id, CommandOutput output)
      throws IOException, InterruptedException {
    try (Journal journal = all.open(id);
        GuestOfLostNode guest =
            GuestOfLostNode.of(kernel, monitor, journal.survivor(), output::message)) {
      if (guest != null) {
        var _ = guest.continueHere(ByteString.EMPTY);
        output.remark("migration " + id + ", whose node was killed, has ended before RUN");
      }
      journal.released();
    }
  }
}
