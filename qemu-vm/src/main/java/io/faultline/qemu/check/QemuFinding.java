package io.faultline.qemu.check;

/**
 * One thing that was checked of a QEMU.
 *
 * @param name what was checked, in a few words
 * @param isFine whether its guest can be moved as far as this is concerned
 * @param detail what was found, with the remedy where it is not fine
 */
public record QemuFinding(String name, boolean isFine, String detail) {
  static QemuFinding fine(String name, String detail) {
    return new QemuFinding(name, true, detail);
  }

  static QemuFinding problem(String name, String detail) {
    return new QemuFinding(name, false, detail);
  }
}
