package io.faultline.cli.source;

import io.faultline.qemu.vm.QemuSource;
import io.faultline.source.OutgoingVm;
import java.util.Optional;

/** Describes what becomes of a VM whose migration ended before RUN. */
final class VmAtSource {
  private VmAtSource() {}

  /**
   * Describes it, as a part of a sentence after "which".
   *
   * @param resumeCommand the command that resumes the migration, while it has a journal
   */
  static String describe(OutgoingVm vm, Optional<String> resumeCommand) {
    if (!(vm instanceof QemuSource guest)) {
      return "ends with this process";
    }
    if (guest.hasEnded()) {
      return "ended with its QEMU";
    }
    if (guest.isStopped()) {
      return "may be paused in QEMU: let it continue, "
          + resumeCommand.map("by: "::concat).orElse("by cont");
    }
    return "continues in QEMU";
  }
}
