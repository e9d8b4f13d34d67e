package io.faultline.cli.qemu;

import java.nio.file.Path;

/**
 * Where the QEMUs of a demo have their files.
 *
 * @param scratch for sockets, logs and consoles; a short path
 * @param ram in a memory file system
 */
public record QemuFiles(Path scratch, RamDirectory ram) {
  /** The file that is the RAM on one side. */
  Path ram(QemuSide side) {
    return ram.file(side + ".ram");
  }

  /** The socket of the monitor for the node on one side. */
  Path monitor(QemuSide side) {
    return scratch.resolve(side + ".qmp");
  }

  /** The file with what the guest writes to its console on one side. */
  Path console(QemuSide side) {
    return scratch.resolve(side + ".console");
  }
}
