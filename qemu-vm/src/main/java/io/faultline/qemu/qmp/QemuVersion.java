package io.faultline.qemu.qmp;

import tools.jackson.databind.JsonNode;

/**
 * The version of a QEMU, as its greeting says.
 *
 * @param build the distribution's own version; may be empty
 */
public record QemuVersion(int major, int minor, int micro, String build) {
  /** Parses a greeting; 0.0.0 if it has no version. */
  static QemuVersion of(JsonNode greeting) {
    JsonNode version = greeting.at("/QMP/version");
    JsonNode number = version.path("qemu");
    return new QemuVersion(
        number.path("major").asInt(0),
        number.path("minor").asInt(0),
        number.path("micro").asInt(0),
        version.path("package").asString("").strip());
  }

  /** Whether it is this version or a later one. */
  public boolean isAtLeast(int ofMajor, int ofMinor) {
    return major > ofMajor || (major == ofMajor && minor >= ofMinor);
  }

  @Override
  public String toString() {
    return major + "." + minor + "." + micro + (build.isEmpty() ? "" : " (" + build + ")");
  }
}
