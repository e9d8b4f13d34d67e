package io.faultline.qemu.process;

import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.qemu.qmp.QomProperty;
import java.io.IOException;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;

/**
 * The file that is the RAM of a QEMU's guest, all of it. Immutable, thread-safe.
 *
 * @param file in tmpfs or hugetlbfs
 * @param sizeBytes of the RAM
 */
public record GuestRam(Path file, long sizeBytes) {
  /** What QEMU must be started with. */
  public static final String OPTIONS =
      "-machine memory-backend=ram -object"
          + " memory-backend-file,id=ram,share=on,size=SIZE,mem-path=/dev/shm/NAME";

  private static final String BACKEND = "memory-backend";

  /**
   * Asks a QEMU for it.
   *
   * @throws IOException if its RAM is not in one shared file; the message is for the user
   */
  public static GuestRam of(QmpConnection monitor) throws IOException, InterruptedException {
    String backend = QomProperty.text(monitor, "/machine", BACKEND);
    if (backend.isEmpty()) {
      throw refused("is not in a memory backend of its own");
    }
    String file = QomProperty.text(monitor, backend, "mem-path");
    if (file.isEmpty()) {
      throw refused("is not in a file, but in a " + QomProperty.text(monitor, backend, "type"));
    }
    if (!QomProperty.find(monitor, backend, "share")
        .map(each -> each.asBoolean(false))
        .orElse(false)) {
      throw refused("is in " + file + ", but not shared");
    }
    JsonNode sizes = monitor.execute("query-memory-size-summary");
    if (sizes.path("plugged-memory").asLong(0) > 0) {
      throw new IOException(
          "the guest has "
              + (sizes.path("plugged-memory").asLong() >> 20)
              + " MiB of RAM in plugged modules (pc-dimm), which cannot be moved: unplug them");
    }
    return new GuestRam(Path.of(file), sizes.path("base-memory").asLong(0));
  }

  private static IOException refused(String why) {
    return new IOException("the RAM of the guest " + why + ": start QEMU with " + OPTIONS);
  }
}
