package io.faultline.qemu.qmp;

import java.io.IOException;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Properties of QEMU's objects (QOM), which differ between versions. */
public final class QomProperty {
  private QomProperty() {}

  /**
   * Asks for a property.
   *
   * @param path of the object, such as {@code /machine}
   * @return empty if there is no such object, or it has no property of this name
   * @throws IOException if QEMU does not answer
   */
  public static Optional<JsonNode> find(QmpConnection monitor, String path, String name)
      throws IOException, InterruptedException {
    try {
      return Optional.of(
          monitor.execute(
              "qom-get", QmpConnection.arguments().put("path", path).put("property", name)));
    } catch (QmpException e) {
      return Optional.empty();
    }
  }

  /** Asks for a property that is text; empty text if there is none. */
  public static String text(QmpConnection monitor, String path, String name)
      throws IOException, InterruptedException {
    return find(monitor, path, name).map(each -> each.asString("")).orElse("");
  }
}
