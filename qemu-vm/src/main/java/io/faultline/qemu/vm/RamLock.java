package io.faultline.qemu.vm;

import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.process.FileLock;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The lock of the node that works with a QEMU, on the file that is its guest's RAM: what a killed
 * node left in QEMU is recognized by it, since the kernel releases the lock of a process that ends.
 */
final class RamLock implements AutoCloseable {
  private final FileLock lock;

  private RamLock(FileLock lock) {
    this.lock = lock;
  }

  /**
   * Takes it.
   *
   * @throws IOException if another node has it, or the file cannot be read; the message is for the
   *     user
   */
  static RamLock take(Path ram) throws IOException {
    FileLock taken;
    try {
      taken = FileLock.take(ram);
    } catch (SystemCallException e) {
      throw new IOException("the RAM of the guest: " + e.getMessage(), e);
    }
    if (taken == null) {
      throw new IOException(
          "another node works with this QEMU, whose RAM is " + ram + ": wait for it, or end it");
    }
    return new RamLock(taken);
  }

  @Override
  public void close() {
    lock.close();
  }
}
