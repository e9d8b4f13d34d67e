package io.faultline.qemu.state;

import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.qemu.qmp.QmpException;
import io.faultline.qemu.qmp.QomProperty;
import java.io.IOException;
import java.util.Optional;

/**
 * The description of a device state that QEMU appends to it, for tools that analyze it: some 100 KB
 * of JSON, more than the state itself has. A QEMU that loads the state reads and ignores it (in
 * QEMU's source: vmdesc, in migration/savevm.c), and the guest waits for it. Its own postcopy does
 * not send it. The property of the machine that suppresses it is there since QEMU 2.3, and must be
 * the same on both sides: otherwise the destination reads until the end of the connection.
 */
public final class StateDescription {
  private static final String MACHINE = "/machine";
  private static final String SUPPRESS = "suppress-vmdesc";

  private StateDescription() {}

  /** Whether it is suppressed; empty if this machine has no such property. */
  public static Optional<Boolean> isSuppressed(QmpConnection monitor)
      throws IOException, InterruptedException {
    return QomProperty.find(monitor, MACHINE, SUPPRESS).map(each -> each.asBoolean(false));
  }

  /** Suppresses it, or lets QEMU append it; does nothing if this machine has no such property. */
  public static void suppress(QmpConnection monitor, boolean on)
      throws IOException, InterruptedException {
    try {
      var _ =
          monitor.execute(
              "qom-set",
              QmpConnection.arguments()
                  .put("path", MACHINE)
                  .put("property", SUPPRESS)
                  .put("value", on));
    } catch (QmpException e) {
      // it only takes longer
    }
  }
}
