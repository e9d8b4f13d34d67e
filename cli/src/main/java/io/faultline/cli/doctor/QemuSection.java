package io.faultline.cli.doctor;

import io.faultline.qemu.check.QemuCheck;
import io.faultline.qemu.check.QemuFinding;
import io.faultline.qemu.qmp.QmpConnection;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Whether the guest of a running QEMU can be moved. */
final class QemuSection {
  private static final String TITLE = "QEMU";

  private QemuSection() {}

  /**
   * Asks the QEMU with this monitor.
   *
   * @param socket of its QMP monitor
   */
  static Section of(Path socket) throws InterruptedException {
    try (QmpConnection monitor = QmpConnection.open(socket)) {
      List<QemuFinding> found = QemuCheck.run(monitor);
      return new Section(TITLE, found.stream().map(QemuSection::finding).toList());
    } catch (IOException e) {
      return new Section(
          TITLE, List.of(Finding.missing("monitor", String.valueOf(e.getMessage()), "")));
    }
  }

  /** Whether nothing is missing. */
  static boolean isMovable(Section section) {
    return section.findings().stream().noneMatch(each -> each.severity() == Severity.MISSING);
  }

  private static Finding finding(QemuFinding found) {
    return found.isFine()
        ? Finding.ok(found.name(), found.detail())
        : Finding.missing(found.name(), found.detail(), "");
  }
}
