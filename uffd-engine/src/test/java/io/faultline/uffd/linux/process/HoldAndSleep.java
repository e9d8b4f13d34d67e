package io.faultline.uffd.linux.process;

import io.faultline.uffd.linux.FileDescriptors;
import java.nio.file.Path;

/** Runs in its own process: starts a holder of a file, prints its id, and sleeps. */
final class HoldAndSleep {
  private HoldAndSleep() {}

  public static void main(String[] args) throws InterruptedException {
    int fd = FileDescriptors.open(Path.of(args[0]), 0);
    System.out.println(DescriptorHolder.start("holder of a test", fd, fd).pid());
    Thread.sleep(60_000);
  }
}
