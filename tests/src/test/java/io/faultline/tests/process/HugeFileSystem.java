package io.faultline.tests.process;

import java.io.IOException;
import java.nio.file.Path;

/** A hugetlbfs of 2 MiB pages, mounted until this is closed. */
record HugeFileSystem(Path directory) implements AutoCloseable {
  /**
   * Mounts one; skips the test if this user may not.
   *
   * @param directory created here, and removed when this is closed
   * @param sizeMib its capacity
   */
  static HugeFileSystem mount(Path directory, long sizeMib) throws IOException {
    Mounts.mount(directory, "hugetlbfs", "pagesize=2M,size=" + sizeMib + "M");
    return new HugeFileSystem(directory);
  }

  Path file(String name) {
    return directory.resolve(name);
  }

  @Override
  public void close() throws IOException {
    Mounts.unmount(directory);
  }
}
